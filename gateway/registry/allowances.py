"""Blocks of the parties' quotas, granted to gateway processes. Source: ADR-0031."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from gateway.registry.tables import allowance_slots, allowances
from gateway.unified.protection.leasing import Ask, Granted, Registered

_HELD: Final = "24 hours"
_HELD_S: Final = 24 * 3600.0
_MARGIN_S: Final = 60.0

# The quota less the shares of all processes registered at any time of the window. What a changed quota no longer allows
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
            FROM allowance_slots WHERE until > to_timestamp(asked.starts)
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
    """What this process leases. The next process of the same name has its slot."""

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
            held = text("clock_timestamp() + CAST(:held AS interval)").bindparams(held=_HELD)
            rows = (
                await session.execute(select(allowance_slots.c.slot, allowance_slots.c.holder, allowance_slots.c.until > func.now()))
            ).all()
            mine = next((slot for slot, holder, _ in rows if holder == self._holder), None)
            taken = {slot for slot, holder, is_held in rows if is_held and holder != self._holder}
            slot = mine if mine is not None and mine < count else min(set(range(count)) - taken, default=None)
            if slot is not None:
                await session.execute(
                    delete(allowance_slots).where((allowance_slots.c.slot == slot) | (allowance_slots.c.holder == self._holder))
                )
                await session.execute(insert(allowance_slots).values(slot=slot, holder=self._holder, until=held))
        async with self._database.reading() as session:
            # Only now does everybody else see the registration.
            now = float((await session.execute(text("SELECT extract(epoch FROM clock_timestamp())::double precision"))).scalar_one())
        return Registered(slot, now + _HELD_S - _MARGIN_S, now)

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
    """The name of this process among those of one address, kept while `lock` is open: a process that starts anew has it again."""

    text: str
    number: int
    lock: TextIO


def process_name(port: int) -> ProcessName:
    number = 0
    while True:
        lock = Path(tempfile.gettempdir(), f"tongban-gateway-{os.getuid()}-{port}-{number}.lock").open("w")  # noqa: SIM115 (open for the life of the process)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            number += 1
        else:
            return ProcessName(f"{socket.gethostname()}:{port}:{number}", number, lock)
