"""Nonces of signed requests, kept until no signature that carries them can still be young enough."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from chassis.errors import ServiceError, Unavailable
from chassis.http.signatures import MAX_AGE_S
from contracts.values import PartyId
from gateway.registry.tables import nonces

_COLD_DEADLINE_S: Final = 1.0
_PURGE_S: Final = 60.0
_BATCH: Final = 5000
# By the database's clock, and long after: the clocks of the processes that judge how old a signature is may be apart.
_PURGE: Final = text(
    "DELETE FROM nonces WHERE (party, nonce) IN (SELECT party, nonce FROM nonces "
    "WHERE expires_at < now() - interval '5 minutes' LIMIT :batch FOR UPDATE SKIP LOCKED)"
).bindparams(batch=_BATCH)


class Nonces:
    """`deadline_s` is how long a request may wait for its nonce."""

    def __init__(self, database: Database, *, deadline_s: float) -> None:
        self._database = database
        self._deadline_s = deadline_s
        self._is_warm = False
        self._is_opening = False

    async def is_first_use(self, party: PartyId, nonce: str, created: int) -> bool:
        """True once per (party, nonce), also after a restart and at any process. Raises Unavailable when it takes longer.

        One use at a time may take longer while no connection is known to stand: it opens one. What came too late may be in
        the table all the same: it was refused, and so is whoever sends it again.
        """
        expires = datetime.fromtimestamp(created, UTC) + timedelta(seconds=MAX_AGE_S + 10)
        statement = insert(nonces).values(party=party, nonce=nonce, expires_at=expires).on_conflict_do_nothing()
        opens = not self._is_warm and not self._is_opening
        self._is_opening |= opens
        try:
            async with (
                asyncio.timeout(max(_COLD_DEADLINE_S, self._deadline_s) if opens else self._deadline_s),
                self._database.statement() as session,
            ):
                inserted = (await session.execute(statement)).rowcount == 1
        except (TimeoutError, ServiceError) as error:
            self._is_warm = False
            raise Unavailable("the store of nonces is away or late") from error
        finally:
            self._is_opening &= not opens
        self._is_warm = True
        return inserted

    async def purge(self, stop: asyncio.Event) -> None:
        """Forget what is long over, a batch at a time: after days without, one statement would take too long to ever end."""
        while not stop.is_set():
            try:
                is_done = await self.purge_batch() < _BATCH
            except ServiceError:
                self._is_warm, is_done = False, True
            try:
                await asyncio.wait_for(stop.wait(), _PURGE_S if is_done else 0.0)
            except TimeoutError:
                continue

    async def purge_batch(self) -> int:
        async with self._database.statement() as session:
            return (await session.execute(_PURGE)).rowcount
