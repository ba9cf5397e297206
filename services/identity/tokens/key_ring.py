"""The signing keys as they are right now, read again every few seconds, so that every process follows a rotation."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from chassis.clock import Clock
from chassis.database import Database, WriteSession
from chassis.errors import ServiceError
from chassis.sealing import Sealer
from services.identity.domain.signing_keys import LONGEST_TOKEN_LIFE, StoredKey
from services.identity.repository.signing_keys import SigningKeys
from services.identity.tokens.keys import SigningKey, imported, new_pem

log = structlog.get_logger()

_READ_AGAIN: Final = timedelta(seconds=2)


class KeyRing:
    """`first_pem` is the ES256 key of the settings: the one that signs until the first rotation."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, first_pem: bytes) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._first_pem = first_pem
        self._keys: dict[str, SigningKey] = {}
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    @classmethod
    def from_file(cls, database: Database, sealer: Sealer, clock: Clock, file: Path) -> "KeyRing":
        return cls(database, sealer, clock, file.read_bytes())

    @property
    def is_fresh(self) -> bool:
        return self._read_at is not None and self._clock.now() < self._read_at + _READ_AGAIN

    async def freshen(self, *algorithms: str) -> None:
        """Read the keys again when it is time, and make a first key for each of these algorithms that has none.

        With the database away the known keys go on. Raises Unavailable when none is known yet.
        """
        has_all = self._keys and all(any(key.alg == each for key in self._keys.values()) for each in algorithms)
        if has_all and (self.is_fresh or self._reading.locked()):
            return
        async with self._reading:
            try:
                await self._read({"ES256", *algorithms})
            except ServiceError:
                if not has_all:
                    raise
                log.warning("signing_keys_not_read")

    def signing(self, alg: str) -> SigningKey:
        """The youngest key that may sign already."""
        at = self._clock.now()
        return max((key for key in self._keys.values() if key.alg == alg and key.signs_from <= at), key=lambda key: key.signs_from)

    def verifying(self, kid: Any) -> SigningKey | None:
        """From a fixed map: whatever a token says, nothing is fetched for it."""
        key = self._keys.get(kid) if isinstance(kid, str) else None
        return key if key and (key.retires_at is None or self._clock.now() < key.retires_at) else None

    def key_set(self) -> dict[str, Any]:
        return {"keys": [key.jwk for kid, key in self._keys.items() if self.verifying(kid)]}

    async def made(self, alg: str, *, wait: timedelta) -> StoredKey:
        """A new key that is to sign after `wait`; nobody knows of it yet."""
        pem = await asyncio.to_thread(new_pem, alg)
        at = self._clock.now()
        return StoredKey(imported(pem, alg).thumbprint(), alg, pem, at, at + wait)

    async def rotate(self, session: WriteSession, key: StoredKey, *, by: str) -> None:
        """Publish a new key; the others of its kind are believed until the last token that they sign is over."""
        keys = SigningKeys(session, self._sealer)
        await keys.lock()
        await keys.add(key, by=by)
        await keys.retire(key.alg, but=key.kid, at=key.signs_from + LONGEST_TOKEN_LIFE)

    def outdated(self) -> None:
        """The keys have changed: read them before they are used again."""
        self._read_at = None

    async def _read(self, algorithms: set[str]) -> None:
        at = self._clock.now()
        async with self._database.reading() as reading:
            stored = await SigningKeys(reading, self._sealer).believed(at)
        if missing := algorithms - {each.alg for each in stored}:
            async with self._database.transaction() as session:
                stored = await self._make(session, missing, at)
        self._keys = {each.kid: self._prepared(each) for each in stored}
        self._read_at = at

    def _prepared(self, stored: StoredKey) -> SigningKey:
        known = self._keys.get(stored.kid)
        return replace(known, retires_at=stored.retires_at) if known else SigningKey.prepared(stored)

    async def _make(self, session: WriteSession, missing: set[str], at: datetime) -> list[StoredKey]:
        keys = SigningKeys(session, self._sealer)
        await keys.lock()
        there = {each.alg for each in await keys.believed(at)}
        for alg in sorted(missing - there):
            first = alg == "ES256" and not await keys.known(imported(self._first_pem, alg).thumbprint())
            pem = self._first_pem if first else await asyncio.to_thread(new_pem, alg)
            await keys.add(StoredKey(imported(pem, alg).thumbprint(), alg, pem, at, at), by=None)
        return await keys.believed(at)
