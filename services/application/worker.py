from datetime import timedelta

from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import Kept, forgetting
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from chassis.sealing import Sealer
from services.application.clockwork import clockwork
from services.application.consumers import subscriptions
from services.application.repository import forget_drafts, forget_judgements, forget_outages, forget_requests
from services.application.settings import ApplicationSettings


def create(settings: ApplicationSettings, database: Database, clock: Clock) -> list[Part]:
    kept = timedelta(days=settings.draft_days)
    sealer = Sealer.from_file(settings.data_key_file)
    return [
        *run_worker(settings, database, subscriptions, clock, sealer),
        clockwork(database, clock, sealer),
        forgetting("idempotency keys", database, clock, Kept(KEYS.life, forget_requests)),
        forgetting("drafts", database, clock, Kept(kept, forget_drafts), Kept(kept, forget_judgements), Kept(kept, forget_outages)),
    ]
