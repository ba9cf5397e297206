from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.sealing import Sealer
from services.application.live import Live
from services.application.routes import router
from services.application.settings import ApplicationSettings
from services.application.traces import Traces


def create(settings: ApplicationSettings, database: Database, clock: Clock) -> FastAPI:
    """Its `state.live` listens while it is run: see `live.Live.run`."""
    sealer = Sealer.from_file(settings.data_key_file)
    live, traces = Live(database), Traces(settings.zipkin_url)
    return build_app(settings, router, database=database, clock=clock, sealer=sealer, live=live, traces=traces)
