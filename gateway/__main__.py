from chassis import process
from chassis.database import Database
from gateway.app import compose
from gateway.settings import GatewaySettings

if __name__ == "__main__":
    settings = GatewaySettings()  # type: ignore[call-arg]  # read from the environment
    database = Database.from_settings(settings)
    process.run(settings, lambda: compose(settings, database), database.close)
