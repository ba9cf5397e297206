from chassis.clock import Clock
from chassis.database import Database
from chassis.messaging import Subscriptions, run_worker
from chassis.process import Part
from services.catalogue.settings import CatalogueSettings


def create(settings: CatalogueSettings, database: Database, clock: Clock) -> list[Part]:
    return run_worker(settings, database, Subscriptions("catalogue"), clock)
