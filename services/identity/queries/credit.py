"""Whether applicants stand in the register of serious breaches of trust, asked by way of a short memory.

Only that somebody is not in the register is kept, for a bounded time: who is off it again is so at once (ADR-0056).
"""

import hashlib
import secrets
from collections import OrderedDict
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from contracts.api.identity.credit import CreditStanding
from contracts.values import CreditCode, Document
from services.identity.neighbours import CREDIT_REGISTRY, Providers

CREDIT_ITEM: Final = "信用 credit"
CREDIT_READERS: Final = ("application",)
_KEPT_AT_MOST: Final = 50_000


class CreditStandings:
    """`kept` is how long the register's word that somebody is not in it holds without asking again."""

    def __init__(self, providers: Providers, clock: Clock, *, kept: timedelta) -> None:
        self._providers = providers
        self._clock = clock
        self._for = kept
        # Numbers are not kept, not even in memory: only what nobody outside this process can compute from them.
        self._secret = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, CreditStanding] = OrderedDict()

    async def of(self, number: Document | CreditCode) -> CreditStanding:
        """Raises ProviderAway when it must be asked and does not answer."""
        key = self._key(number)
        kept = self._kept.get(key)
        if kept is not None and self._clock.now() - kept.at < self._for:
            return kept
        asked_at = self._clock.now()
        said = await self._providers.credit(number)
        found = CreditStanding(is_barred=said.is_listed, source=CREDIT_REGISTRY, reference=said.reference, at=asked_at)
        self._kept.pop(key, None)
        if not found.is_barred:
            self._kept[key] = found
            if len(self._kept) > _KEPT_AT_MOST:
                self._kept.popitem(last=False)
        return found

    def _key(self, number: Document | CreditCode) -> bytes:
        said = f"{number.family}:{number.compared}" if isinstance(number, Document) else number
        return hashlib.blake2b(said.encode(), key=self._secret, digest_size=16).digest()
