from chassis.database.migrate import run
from tests.support.ledger.tables import metadata

run(metadata)
