"""An account became part of another: what its person applied for is the other's now."""

from datetime import datetime

from sqlalchemy import exists, select, update

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import PersonId
from services.application.commands.moving import move as move_case
from services.application.domain.lifecycle import MESH, Act
from services.application.repository import CASE_COLUMNS, case_of
from services.application.tables import cases, consents, drafts, files, judgements


async def move(session: WriteSession, person_id: PersonId, into: PersonId, sealer: Sealer, *, at: datetime) -> None:
    """Records and consents of the past say what they said; whose they are changes, and each case's history says so. Twice is once."""
    mine = select(*CASE_COLUMNS).where(cases.c.person_id == person_id).order_by(cases.c.id).with_for_update()
    for case in [case_of(row) for row in await session.execute(mine)]:
        await move_case(session, case, case.owned_by(into), Act.CHANGE_OWNER, sealer, by=MESH, at=at)
    for table in (consents, drafts, judgements):
        await session.execute(update(table).where(table.c.person_id == person_id).values(person_id=into))
    # The other account may have stored the same file: then each keeps its own, and a case reads its own.
    same = files.alias()
    has_it = exists().where(same.c.person_id == into, same.c.sha256 == files.c.sha256, same.c.media_type == files.c.media_type)
    await session.execute(update(files).where(files.c.person_id == person_id, ~has_it).values(person_id=into))
