from typing import Final

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.process import Part
from services.catalogue.queries.search import Finder
from services.catalogue.queries.views import Views
from services.catalogue.routes import router
from services.catalogue.settings import CatalogueSettings

_BODY_LIMIT_BYTES: Final = 33 * 1024 * 1024
"""A whole catalogue may come at once; the gateway lets no other body be larger than usual."""


def create(settings: CatalogueSettings, database: Database, clock: Clock) -> FastAPI:
    finder, views = Finder(database, settings.search_fresh_for_s), Views()
    return build_app(
        settings,
        router,
        database=database,
        clock=clock,
        body_limit_bytes=_BODY_LIMIT_BYTES,
        told=lambda: {"unreadable_versions": views.unreadable, "unreadable_entries": finder.unreadable},
        finder=finder,
        views=views,
    )


def reading_ahead(served: FastAPI) -> Part:
    """Beside the application that is served: it has what lists and metrics ask for before anybody does."""
    views: Views = served.state.views
    return Part("reading ahead", lambda stop: views.read_ahead(served.state.database, stop))
