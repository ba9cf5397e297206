from datetime import timedelta
from functools import partial
from typing import Final

from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import Kept, forgetting
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from chassis.sealing import Sealer
from services.identity.commands.ledger import purge_accesses
from services.identity.consumers import subscriptions
from services.identity.deliveries import logout_deliveries
from services.identity.domain import attempts
from services.identity.repository import UNANSWERED, expired, forget_proofs
from services.identity.repository.city_code_uses import forget_uses
from services.identity.repository.forgotten import forget_challenges, forget_closed, forget_merge_requests
from services.identity.repository.paper_codes import forget_paper_codes
from services.identity.settings import IdentitySettings
from services.identity.tokens.key_ring import KeyRing
from services.identity.tokens.signer import TokenSigner

# As long as clocks may disagree, and some more: until then a code that expired elsewhere could still be shown here.
_CITY_CODE_USES: Final = Kept(timedelta(minutes=1), forget_uses)
# Who asks why their paper code was refused can be told for a while.
_PAPER_CODES: Final = Kept(timedelta(days=90), forget_paper_codes)


def create(settings: IdentitySettings, database: Database, clock: Clock) -> list[Part]:
    sealer = Sealer.from_file(settings.data_key_file)
    signer = TokenSigner(settings.public_url, KeyRing.from_file(database, sealer, clock, settings.signing_key_file))
    # Months are of the calendar, so the purge counts them itself, from now.
    looks = Kept(timedelta(), partial(purge_accesses, months=settings.access_retention_months))
    accounts = (
        Kept(timedelta(days=settings.closed_account_days), forget_closed),
        Kept(timedelta(days=1), forget_challenges),
        Kept(timedelta(days=30), forget_merge_requests),
    )
    return [
        *run_worker(settings, database, subscriptions, clock),
        logout_deliveries(database, clock, signer),
        forgetting("idempotency keys", database, clock, KEYS),
        forgetting("what is over", database, clock, *expired.KEPT, Kept(attempts.KEPT, forget_proofs), _PAPER_CODES, UNANSWERED),
        forgetting("accounts", database, clock, *accounts),
        forgetting("old accesses", database, clock, looks),
        # A thousand a second leave four million rows an hour.
        forgetting("uses of city codes", database, clock, _CITY_CODE_USES, every=timedelta(minutes=1)),
    ]
