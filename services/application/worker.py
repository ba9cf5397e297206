from datetime import timedelta

from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import Kept, forgetting
from chassis.http import MeshClient
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from chassis.sealing import Sealer
from services.application import notifying
from services.application.clockwork import clockwork
from services.application.consumers import subscriptions
from services.application.deliveries import callback_deliveries
from services.application.parallel import packages_on
from services.application.reconciling import reconciliation
from services.application.repository import forget_drafts, forget_judgements, forget_outages, forget_requests
from services.application.repository.deliveries import forget_deliveries
from services.application.settings import ApplicationSettings


def create(settings: ApplicationSettings, database: Database, clock: Clock) -> list[Part]:
    kept = timedelta(days=settings.draft_days)
    sealer = Sealer.from_file(settings.data_key_file)
    told = Kept(timedelta(days=settings.callback_ledger_days), forget_deliveries)
    return [
        *run_worker(settings, database, subscriptions, clock, sealer),
        callback_deliveries(settings, database, clock, sealer),
        reconciliation(database, clock, returned_within=timedelta(hours=settings.work_form_return_hours)),
        clockwork(database, clock, sealer),
        packages_on(database, clock, sealer),
        notifying.part(database, clock, MeshClient(settings, clock)),
        forgetting("idempotency keys", database, clock, Kept(KEYS.life, forget_requests)),
        forgetting("drafts", database, clock, Kept(kept, forget_drafts), Kept(kept, forget_judgements), Kept(kept, forget_outages)),
        forgetting("deliveries", database, clock, told),
    ]
