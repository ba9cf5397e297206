from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import forgetting
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from services.rating.consumers import subscriptions
from services.rating.settings import RatingSettings


def create(settings: RatingSettings, database: Database, clock: Clock) -> list[Part]:
    return [*run_worker(settings, database, subscriptions, clock, settings), forgetting("idempotency keys", database, clock, KEYS)]
