from chassis import process
from chassis.clock import Clock, SystemClock
from chassis.database import Database
from services.application import app, worker
from services.application.settings import ApplicationSettings


def parts(settings: ApplicationSettings, database: Database, clock: Clock) -> list[process.Part]:
    application = app.create(settings, database, clock)
    # First: only when its streams have ended have all requests.
    live = process.Part("live", application.state.live.run)
    return [live, process.serve(application, settings), *worker.create(settings, database, clock)]


if __name__ == "__main__":
    settings = ApplicationSettings()
    database = Database.from_settings(settings)
    process.run(settings, lambda: parts(settings, database, SystemClock()), database.close)
