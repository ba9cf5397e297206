from chassis.database.migrate import run
from gateway.registry.tables import metadata

run(metadata)
