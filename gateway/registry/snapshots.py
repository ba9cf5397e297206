"""Loads what the gateway decides by, again whenever the database says that it has changed."""

import asyncio
import contextlib
from typing import Any, Final

import asyncpg
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from sqlalchemy import func, select

from chassis.database import Database, ReadSession
from chassis.errors import Unavailable
from contracts.values import CreditCode, DivisionCode, PartyId
from gateway.registry.tables import channels, parties, policies, policy_versions, resources
from gateway.snapshot import Channel, Party, Resource, RouteTable, Snapshot, public_keys

log = structlog.get_logger()

_RECONNECT_S: Final = 1.0


class Snapshots:
    """The current snapshot. Before the first load nothing is known, so everything is refused."""

    def __init__(self, database: Database, *, poll_s: float) -> None:
        self._database = database
        self._poll_s = poll_s
        self._changed = asyncio.Event()
        self._current = Snapshot({}, RouteTable([]), {}, 0, {})

    def current(self) -> Snapshot:
        return self._current

    @property
    def is_loaded(self) -> bool:
        return self._current.policy_version > 0

    async def keep(self, stop: asyncio.Event) -> None:
        """Reload on every notification, and now and then without one."""
        listening = asyncio.create_task(self._listen(stop))
        try:
            while not stop.is_set():
                self._changed.clear()
                try:
                    await self.load()
                except Unavailable:
                    log.warning("snapshot_not_loaded")
                await _until(self._changed, stop, self._poll_s if self.is_loaded else _RECONNECT_S)
        finally:
            listening.cancel()
            await asyncio.wait([listening])

    async def load(self) -> None:
        async with self._database.reading() as session:
            self._current = await _read(session)

    async def _listen(self, stop: asyncio.Event) -> None:
        dsn = self._database.url.replace("postgresql+asyncpg", "postgresql")
        while not stop.is_set():
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(dsn, timeout=5)
                try:
                    await self._hear(connection)
                finally:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_S)

    async def _hear(self, connection: asyncpg.Connection) -> None:
        """Listen until the connection is lost. What changed before is covered by one reload at the start."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener("registry", lambda *_: self._changed.set())
        self._changed.set()
        await lost.wait()


async def _until(event: asyncio.Event, stop: asyncio.Event, within_s: float) -> None:
    waiting = [asyncio.create_task(each.wait()) for each in (event, stop)]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def _read(session: ReadSession) -> Snapshot:
    known = [_party(row) for row in await session.execute(select(parties).where(parties.c.status != "applied"))]
    granted: dict[str, set[str]] = {}
    for row in await session.execute(select(policies.c.kind, policies.c.permission)):
        granted.setdefault(row.kind, set()).add(row.permission)
    routes = [
        Resource(row.service, row.method, row.path, row.permission, row.audience, row.assurance, row.max_age_s, row.grade, row.state)
        for row in await session.execute(select(resources))
    ]
    version = (await session.execute(select(func.coalesce(func.max(policy_versions.c.version), 0)))).scalar_one()
    doors = {row.kind: Channel(row.code, "open" if row.is_open else "closed") for row in await session.execute(select(channels))}
    return Snapshot(
        {party.id: party for party in known},
        RouteTable(routes),
        {kind: frozenset(permissions) for kind, permissions in granted.items()},
        version,
        doors,
    )


def _keys(row: Any) -> dict[str, ec.EllipticCurvePublicKey]:
    """No key at all rather than no snapshot: one party's bad key must not shut the door for everybody."""
    try:
        return public_keys(row.jwks)
    except (JoseError, ValueError):
        log.error("party_without_usable_keys", party=row.id)  # noqa: TRY400 (the party tells all there is)
        return {}


def _party(row: Any) -> Party:
    return Party(
        id=PartyId(row.id),
        name=row.name,
        kind=row.kind,
        status=row.status,
        agency=CreditCode(row.agency) if row.agency else None,
        division=DivisionCode(row.division) if row.division else None,
        officers=frozenset(row.officers),
        keys=_keys(row),
        per_second=row.per_second,
        burst=row.burst,
    )
