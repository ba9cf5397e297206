from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.database import Database
from contracts.values import PartyId
from services.identity.domain.clients import Client
from services.identity.repository.clients import Clients

_LIFE: Final = timedelta(seconds=2)
_SIZE: Final = 10_000


class KnownClients:
    """Active clients, remembered for a moment: to prove one does not cost the database each time.

    What an operator changes holds at once in this process, and in every other after the moment.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[str, tuple[Client, datetime]] = OrderedDict()
        self._origins: tuple[frozenset[str], datetime] | None = None

    async def get(self, client_id: str) -> Client | None:
        if known := self.remembered(client_id):
            return known
        if PartyId.read(client_id) is None:
            return None
        async with self._database.reading() as reading:
            client = await Clients(reading).get(client_id)
        if client is not None:
            self._known[client_id] = (client, self._clock.now() + _LIFE)
            if len(self._known) > _SIZE:
                self._known.popitem(last=False)
        return client

    async def origins(self) -> frozenset[str]:
        """From where the scripts of public clients may call."""
        at = self._clock.now()
        if self._origins is None or at >= self._origins[1]:
            async with self._database.reading() as reading:
                self._origins = (await Clients(reading).origins(), at + _LIFE)
        return self._origins[0]

    def remembered(self, client_id: str) -> Client | None:
        client, until = self._known.get(client_id, (None, None))
        return client if until and self._clock.now() < until else None

    def forget(self, client_id: str) -> None:
        self._known.pop(client_id, None)
        self._origins = None
