from datetime import timedelta

from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import Kept, forgetting
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from services.rating.clockwork import missed_replies
from services.rating.consumers import subscriptions
from services.rating.repository import forget_merges
from services.rating.settings import RatingSettings


def create(settings: RatingSettings, database: Database, clock: Clock) -> list[Part]:
    return [
        *run_worker(settings, database, subscriptions, clock, settings),
        missed_replies(database, clock),
        forgetting("idempotency keys", database, clock, KEYS),
        forgetting("merged persons", database, clock, Kept(timedelta(days=30), forget_merges)),
    ]
