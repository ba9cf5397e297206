"""Blocks of the parties' quotas, granted to gateway processes. Source: ADR-0031."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, text

from chassis.database import Database
from gateway.registry.tables import allowance_slots, allowances
from gateway.unified.protection.leasing import Ask, Granted, Registered

_HELD_S: Final = 24 * 3600.0
_MARGIN_S: Final = 60.0
_SOON_S: Final = 3.0
_NOW: Final = text("SELECT extract(epoch FROM clock_timestamp())::double precision")
# A share is spent to the end of a window that began while it was held, and no window is longer than a day.
_SLOTS: Final = text(
    "SELECT slot, holder, extract(epoch FROM since)::double precision AS since, until > now() - interval '25 hours' AS is_taken FROM allowance_slots"
)
_TAKE: Final = text(
    "INSERT INTO allowance_slots (slot, holder, since, until) VALUES (:slot, :holder, to_timestamp(:since), to_timestamp(:until))"
)

# The quota less the shares that some process may spend in the window. What a changed quota no longer allows
# was leased before; nothing more is then.
_LEASE: Final = text(
    """
    INSERT INTO allowances AS held (party, environment, policy, starts_at, ends_at, pool, leased, granted)
    SELECT party::uuid, environment, policy, to_timestamp(starts), to_timestamp(ends), pool, least(wanted, pool), least(wanted, pool)
    FROM (
        SELECT asked.*, greatest(0, quota - each * slots.taken - slots.first) AS pool
        FROM unnest(
            CAST(:party AS text[]), CAST(:environment AS text[]), CAST(:policy AS text[]), CAST(:starts AS bigint[]),
            CAST(:ends AS bigint[]), CAST(:quota AS integer[]), CAST(:each AS integer[]), CAST(:more AS integer[]), CAST(:wanted AS integer[])
        ) AS asked (party, environment, policy, starts, ends, quota, each, more, wanted)
        CROSS JOIN LATERAL (
            SELECT count(*)::integer AS taken, (count(*) FILTER (WHERE slot < asked.more))::integer AS first
            FROM allowance_slots WHERE since <= to_timestamp(asked.starts) AND until > to_timestamp(asked.starts)
        ) AS slots
    ) AS blocks
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (party, environment, policy, starts_at) DO UPDATE SET
        pool = excluded.pool,
        granted = least(excluded.granted, greatest(0, excluded.pool - held.leased)),
        leased = held.leased + least(excluded.granted, greatest(0, excluded.pool - held.leased))
    RETURNING party::text, environment, policy, extract(epoch FROM starts_at)::bigint AS starts, granted,
        greatest(0, pool - leased) AS rest, extract(epoch FROM clock_timestamp())::double precision AS now
    """
)
_GIVE_BACK: Final = text(
    """
    UPDATE allowances AS held SET leased = leased - asked.unspent, granted = 0
    FROM unnest(
        CAST(:party AS text[]), CAST(:environment AS text[]), CAST(:policy AS text[]), CAST(:starts AS bigint[]), CAST(:wanted AS integer[])
    ) AS asked (party, environment, policy, starts, unspent)
    WHERE held.party = asked.party::uuid AND held.environment = asked.environment AND held.policy = asked.policy
        AND held.starts_at = to_timestamp(asked.starts)
    """
)


class Allowances:
    """What the process of this name leases. The next process of the same name has its slot."""

    def __init__(self, database: Database, name: "ProcessName") -> None:
        self._database = database
        self._name = name
        self._holder = name.text

    @property
    def number(self) -> int:
        return self._name.number

    async def register(self, *, count: int) -> Registered:
        async with self._database.transaction() as session:
            await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("allowance_slots"))))
            now = float((await session.execute(_NOW)).scalar_one())
            rows = (await session.execute(_SLOTS)).all()
            mine = next((row for row in rows if row.holder == self._holder and row.slot < count), None)
            free = set(range(count)) - {row.slot for row in rows if row.is_taken}
            slot = mine.slot if mine is not None else min(free, default=None)
            # A slot that goes on keeps its beginning: in windows since then, its share may have been spent.
            since = mine.since if mine is not None and mine.is_taken else now + _SOON_S
            if slot is not None:
                mine_or_old = (allowance_slots.c.slot == slot) | (allowance_slots.c.holder == self._holder)
                await session.execute(delete(allowance_slots).where(mine_or_old))
                await session.execute(_TAKE, {"slot": slot, "holder": self._holder, "since": since, "until": now + _HELD_S})
        async with self._database.reading() as session:
            # Only now does everybody else see the registration.
            now = float((await session.execute(_NOW)).scalar_one())
        return Registered(slot, since, now + _HELD_S - _MARGIN_S, now)

    async def lease(self, asks: Sequence[Ask]) -> list[Granted]:
        async with self._database.statement() as session:
            rows = await session.execute(_LEASE, _columns(asks))
            said = {(row.party, row.environment, row.policy, row.starts): Granted(row.granted, row.rest, row.now) for row in rows}
        return [said[str(ask.party), ask.environment, ask.policy, ask.starts] for ask in asks]

    async def give_back(self, asks: Sequence[Ask]) -> None:
        columns = _columns(asks)
        async with self._database.statement() as session:
            await session.execute(_GIVE_BACK, {name: columns[name] for name in ("party", "environment", "policy", "starts", "wanted")})

    async def purge(self) -> None:
        async with self._database.statement() as session:
            await session.execute(delete(allowances).where(allowances.c.ends_at < func.now() - text("interval '1 minute'")))


def _columns(asks: Sequence[Ask]) -> dict[str, list[object]]:
    names = ("party", "environment", "policy", "starts", "ends", "quota", "each", "more", "wanted")
    return {name: [str(ask.party) if name == "party" else getattr(ask, name) for ask in asks] for name in names}


@dataclass(frozen=True, slots=True)
class ProcessName:
    """A name that no other running process has, and that the next one to start in this one's place has again.

    `lock` is an open file descriptor: the name is held until it is closed, or the process ends however it may.
    """

    text: str
    number: int
    lock: int


def process_name(port: int) -> ProcessName:
    """Several processes may listen at one port; each has a `number`, counted from 0."""
    number = 0
    while True:
        claim = socket.socket(socket.AF_UNIX)
        try:
            # An abstract name leaves no file behind.
            claim.bind(f"\0tongban gateway {os.getuid()} {port} {number}")
        except OSError:
            claim.close()
            number += 1
        else:
            return ProcessName(f"{socket.gethostname()}:{port}:{number}", number, claim.detach())
