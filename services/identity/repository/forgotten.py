"""What identity keeps only for a while."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, delete, exists, select, update

from chassis.database import WriteSession
from services.identity.tables import documents, licence_challenges, merge_requests, person_items, persons

_AT_ONCE: Final = 1000


async def forget_closed(session: WriteSession, before: datetime) -> int:
    """Name, documents and history of accounts that were closed before; their ids stay, so that nothing points nowhere."""
    holds = persons.c.name.is_not(None) | exists().where(documents.c.person_id == persons.c.id)
    old = (persons.c.status == "closed") & (persons.c.ended_at < before) & holds
    ids = (await session.execute(select(persons.c.id).where(old).limit(_AT_ONCE))).scalars().all()
    for table in (documents, person_items):
        await session.execute(delete(table).where(table.c.person_id.in_(ids)))
    theirs = persons.c.id.in_(ids) | persons.c.merged_into.in_(ids)
    await session.execute(update(persons).where(theirs).values(name=None))
    return len(ids)


async def forget_challenges(session: WriteSession, before: datetime) -> int:
    return await _delete(session, licence_challenges, licence_challenges.c.expires_at < before)


async def forget_merge_requests(session: WriteSession, before: datetime) -> int:
    return await _delete(session, merge_requests, merge_requests.c.expires_at < before)


async def _delete(session: WriteSession, table: Table, old: ColumnElement[bool]) -> int:
    return (await session.execute(delete(table).where(old))).rowcount
