from chassis.database.migrate import run
from services.identity.tables import metadata

run(metadata)
