from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select

from chassis.database import ReadSession, WriteSession
from services.application.tables import outages

_FORGOTTEN_AT_ONCE: Final = 5000
_SEEN_EVERY: Final = timedelta(minutes=1)
_INTAKE: Final = "application"


async def note_outage(session: WriteSession, source: str, evidence: str, *, by: str, at: datetime) -> None:
    await session.execute(insert(outages).values(source=source, evidence=evidence, seen_by=by, seen_at=at))


async def see_outage(session: WriteSession, source: str, *, at: datetime) -> None:
    """That intake itself got no answer: once a minute is enough, however many ask."""
    seen = select(outages.c.id).where(outages.c.source == source, outages.c.seen_at > at - _SEEN_EVERY, outages.c.seen_by == _INTAKE)
    if (await session.execute(seen.limit(1))).first() is None:
        await note_outage(session, source, "no answer", by=_INTAKE, at=at)


async def forget_outages(session: WriteSession, before: datetime) -> int:
    """Some of those from before, and how many: a material that was uploaded because of one has its own copy of the evidence."""
    old = select(outages.c.id).where(outages.c.seen_at < before).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(outages).where(outages.c.id.in_(old)))).rowcount


async def outages_since(session: ReadSession, sources: set[str], since: datetime) -> dict[str, str]:
    """Source → evidence, of those that were seen down since then."""
    if not sources:
        return {}
    query = select(outages).where(outages.c.source.in_(sources), outages.c.seen_at >= since).order_by(outages.c.id)
    return {
        row.source: f"{row.seen_at.isoformat(timespec='seconds')} {row.seen_by}: {row.evidence}" for row in await session.execute(query)
    }
