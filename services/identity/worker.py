from datetime import timedelta
from functools import partial

from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import Kept, forgetting
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from services.identity.commands.ledger import purge_accesses
from services.identity.consumers import subscriptions
from services.identity.domain import attempts
from services.identity.repository import expired, forget_proofs
from services.identity.repository.forgotten import forget_challenges, forget_closed, forget_merge_requests
from services.identity.settings import IdentitySettings


def create(settings: IdentitySettings, database: Database, clock: Clock) -> list[Part]:
    # Months are of the calendar, so the purge counts them itself, from now.
    looks = Kept(timedelta(), partial(purge_accesses, months=settings.access_retention_months))
    accounts = (
        Kept(timedelta(days=settings.closed_account_days), forget_closed),
        Kept(timedelta(days=1), forget_challenges),
        Kept(timedelta(days=30), forget_merge_requests),
    )
    return [
        *run_worker(settings, database, subscriptions, clock),
        forgetting("idempotency keys", database, clock, KEYS),
        forgetting("what is over", database, clock, *expired.KEPT, Kept(attempts.KEPT, forget_proofs)),
        forgetting("accounts", database, clock, *accounts),
        forgetting("old accesses", database, clock, looks),
    ]
