from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, insert, select

from chassis.database import WriteSession
from contracts.api.catalogue import ChangeKind
from services.catalogue.tables import changes

_FEED: Final = 3955416
"""Of the whole database: the advisory lock under which places in the feed are given out."""


class Change(NamedTuple):
    """One entry of the feed, of a matter or of a package; it holds from `from_at` on."""

    basic_code: str | None
    version: int
    kind: ChangeKind
    from_at: datetime
    package: str | None = None


async def record(session: WriteSession, some: Sequence[Change], *, at: datetime) -> None:
    """Put changes into the feed, in this order, if and only if the caller's transaction commits.

    To be called last: until the commit nobody else gets a place, because one that is committed late would be skipped by
    every reader for ever. Source: ADR-0039.
    """
    if some:
        await session.execute(select(func.pg_advisory_xact_lock(_FEED)))
        await session.execute(insert(changes), [each._asdict() | {"at": at} for each in some])
