"""An account became part of another: what its person applied for is the other's now."""

from sqlalchemy import exists, update

from chassis.database import WriteSession
from contracts.values import PersonId
from services.application.tables import cases, consents, drafts, files, judgements


async def move(session: WriteSession, person_id: PersonId, into: PersonId) -> None:
    """Steps and consents of the past say what they said; only whose they are changes. Twice is once."""
    for table in (cases, consents, drafts, judgements):
        await session.execute(update(table).where(table.c.person_id == person_id).values(person_id=into))
    # The other account may have stored the same file: then each keeps its own, and a case reads its own.
    same = files.alias()
    has_it = exists().where(same.c.person_id == into, same.c.sha256 == files.c.sha256, same.c.media_type == files.c.media_type)
    await session.execute(update(files).where(files.c.person_id == person_id, ~has_it).values(person_id=into))
