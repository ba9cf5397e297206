from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.sealing import Sealer
from services.rating.pages import Pages
from services.rating.routes import router
from services.rating.settings import RatingSettings


def create(settings: RatingSettings, database: Database, clock: Clock) -> FastAPI:
    return build_app(
        settings,
        router,
        database=database,
        clock=clock,
        sealer=Sealer.from_file(settings.data_key_file),
        pages=Pages(),
    )
