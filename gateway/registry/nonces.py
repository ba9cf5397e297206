"""Nonces of signed requests, kept until no signature that carries them can still be young enough."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError, Unavailable
from chassis.http.signatures import MAX_AGE_S
from contracts.values import PartyId
from gateway.registry.tables import nonces

_COLD_DEADLINE_S: Final = 1.0
_PURGE_S: Final = 60.0


class Nonces:
    """`deadline_s` is how long a request may wait for its nonce."""

    def __init__(self, database: Database, clock: Clock, *, deadline_s: float) -> None:
        self._database = database
        self._clock = clock
        self._deadline_s = deadline_s
        self._is_warm = False
        self._is_opening = False

    async def is_first_use(self, party: PartyId, nonce: str, created: int) -> bool:
        """True once per (party, nonce), also after a restart. Raises Unavailable when it takes longer.

        One use at a time may take longer while no connection is known to stand: it opens one.
        """
        expires = datetime.fromtimestamp(created, UTC) + timedelta(seconds=MAX_AGE_S + 10)
        statement = insert(nonces).values(party=party, nonce=nonce, expires_at=expires).on_conflict_do_nothing()
        opens = not self._is_warm and not self._is_opening
        self._is_opening |= opens
        try:
            async with (
                asyncio.timeout(max(_COLD_DEADLINE_S, self._deadline_s) if opens else self._deadline_s),
                self._database.reading() as session,
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
        while not stop.is_set():
            try:
                async with self._database.reading() as session:
                    await session.execute(delete(nonces).where(nonces.c.expires_at < self._clock.now()))
            except ServiceError:
                self._is_warm = False
            try:
                await asyncio.wait_for(stop.wait(), _PURGE_S)
            except TimeoutError:
                continue
