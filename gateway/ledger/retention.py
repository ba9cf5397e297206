"""How long records are kept. A record goes when its term is over; its hash stays in the block, which goes on verifying."""

import calendar
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from chassis.clock import Clock
from chassis.database import Database, WriteSession
from chassis.forgetting import Kept, forgetting
from chassis.process import Part

_AT_MOST: Final = 1000
_PERMIT: Final = sa.text("SELECT set_config('ledger.retention', 'on', true)")
# The term runs from the block, and a clock that was put back may have made a record younger than its block.
_FORGET: Final = sa.text("""
DELETE FROM decisions WHERE id IN (
    SELECT decisions.id FROM decisions
    JOIN ledger_blocks ON ledger_blocks.chain = decisions.chain AND ledger_blocks.number = decisions.block
    WHERE decisions.kept_as = :kept_as AND decisions.at < :before AND ledger_blocks.at < :before
    LIMIT :at_most
    FOR UPDATE OF decisions SKIP LOCKED
)
""")

Terms = Mapping[str, int]
"""Months by the class of a record."""


def months_before(at: datetime, months: int) -> datetime:
    """The same day of an earlier month, its last day where it is shorter."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def part(database: Database, clock: Clock, terms: Terms) -> Part:
    return forgetting("decision records", database, clock, *(_kept(kept_as, months) for kept_as, months in terms.items()))


def _kept(kept_as: str, months: int) -> Kept:
    async def forget(session: WriteSession, now: datetime) -> int:
        return await forget_some(session, kept_as, months_before(now, months))

    return Kept(timedelta(0), forget)


async def forget_some(session: WriteSession, kept_as: str, before: datetime) -> int:
    """Delete at most a thousand records of this class from before a moment; how many there were."""
    await session.execute(_PERMIT)
    return int((await session.execute(_FORGET, {"kept_as": kept_as, "before": before, "at_most": _AT_MOST})).rowcount)
