from chassis import process
from chassis.database import Database
from gateway.app import compose
from gateway.settings import GatewaySettings

if __name__ == "__main__":
    settings = GatewaySettings()
    database = Database.from_settings(settings)
    process.run(settings, lambda: compose(settings, database), database.close)
