from chassis.database.migrate import run
from services.catalogue.tables import metadata

run(metadata)
