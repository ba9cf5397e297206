from chassis.database.migrate import run
from services.application.tables import metadata

run(metadata)
