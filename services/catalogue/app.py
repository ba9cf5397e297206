from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.process import Part
from services.catalogue.queries.views import Views
from services.catalogue.routes import router
from services.catalogue.settings import CatalogueSettings


def create(settings: CatalogueSettings, database: Database, clock: Clock) -> FastAPI:
    return build_app(settings, router, database=database, clock=clock, views=Views())


def reading_ahead(served: FastAPI) -> Part:
    """Beside the application that is served: it has what lists and metrics ask for before anybody does."""
    views: Views = served.state.views
    return Part("reading ahead", lambda stop: views.read_ahead(served.state.database, stop))
