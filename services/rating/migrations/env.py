from chassis.database.migrate import run
from services.rating.tables import metadata

run(metadata)
