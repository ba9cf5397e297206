from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from services.catalogue.queries.search import Finder
from services.catalogue.routes import router
from services.catalogue.settings import CatalogueSettings


def create(settings: CatalogueSettings, database: Database, clock: Clock) -> FastAPI:
    return build_app(settings, router, database=database, clock=clock, finder=Finder(database, settings.search_fresh_for_s))
