from chassis.database.migrate import run
from services.certificate.tables import metadata

run(metadata)
