from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from services.catalogue.queries.views import Views
from services.catalogue.routes import router
from services.catalogue.settings import CatalogueSettings


def create(settings: CatalogueSettings, database: Database, clock: Clock) -> FastAPI:
    return build_app(settings, router, database=database, clock=clock, views=Views())
