from chassis import process
from chassis.clock import SystemClock
from chassis.database import Database
from services.catalogue import app, worker
from services.catalogue.settings import CatalogueSettings

if __name__ == "__main__":
    settings = CatalogueSettings()
    database = Database.from_settings(settings)
    clock = SystemClock()

    def parts() -> list[process.Part]:
        served = app.create(settings, database, clock)
        return [process.serve(served, settings), app.reading_ahead(served), *worker.create(settings, database, clock)]

    process.run(settings, parts, database.close)
