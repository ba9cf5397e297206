from chassis.clock import Clock
from chassis.database import Database
from chassis.messaging import run_worker
from chassis.process import Part
from services.identity.consumers import subscriptions
from services.identity.settings import IdentitySettings


def create(settings: IdentitySettings, database: Database, clock: Clock) -> list[Part]:
    return run_worker(settings, database, subscriptions, clock)
