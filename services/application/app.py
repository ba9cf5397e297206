from datetime import timedelta

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.http.together import Together
from chassis.sealing import Sealer
from services.application.domain.allowances import IntakeLimits
from services.application.domain.files import FileLimits
from services.application.live import Live
from services.application.repository.numbers import numbers_of
from services.application.routes import router
from services.application.routes.short_cases import ShortCases
from services.application.settings import ApplicationSettings
from services.application.signing import TrialSeal
from services.application.traces import Traces


def create(settings: ApplicationSettings, database: Database, clock: Clock) -> FastAPI:
    """Its `state.live` listens while it is run: see `live.Live.run`."""
    app = build_app(
        settings,
        router,
        database=database,
        clock=clock,
        sealer=Sealer.from_file(settings.data_key_file),
        callbacks_on_loopback=settings.callbacks_on_loopback,
        limits=limits_of(settings),
        together=Together(database),
        numbers=numbers_of(database),
        live=Live(database),
        seal=TrialSeal.from_file(settings.seal_key_file),
        traces=Traces(settings.zipkin_url),
    )
    app.add_middleware(ShortCases, verifier=app.state.verifier, database=database, clock=clock)
    return app


def limits_of(settings: ApplicationSettings) -> IntakeLimits:
    return IntakeLimits(
        file=FileLimits(size_bytes=settings.file_limit_bytes, unpacked_bytes=settings.file_unpacked_limit_bytes),
        case_files_bytes=settings.case_files_limit_bytes,
        drafts_kept=timedelta(days=settings.draft_days),
        outage_explains=timedelta(minutes=settings.source_outage_minutes),
        presence_proves=timedelta(minutes=settings.window_presence_minutes),
    )
