from chassis import process
from chassis.clock import SystemClock
from chassis.database import Database
from services.application import app, worker
from services.application.settings import ApplicationSettings

if __name__ == "__main__":
    settings = ApplicationSettings()
    database = Database.from_settings(settings)
    clock = SystemClock()
    process.run(
        settings,
        lambda: [process.serve(app.create(settings, database, clock), settings), *worker.create(settings, database, clock)],
        database.close,
    )
