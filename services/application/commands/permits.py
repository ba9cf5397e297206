"""Whoever supervises a field is told what is granted, changed and revoked in it, and says that it was received."""

from datetime import datetime
from typing import Final

from sqlalchemy import case as when
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import CaseNumber, CreditCode, Id, OfficerId
from services.application.commands.moving import handle
from services.application.domain.case import Case, CaseNotGranted, Scope
from services.application.domain.lifecycle import Act, Role
from services.application.domain.permits import NoSuchPermitNotice
from services.application.repository import Cases
from services.application.tables import permit_notices, permit_supervisors

_AMENDS: Final = {"change": Act.CHANGE_PERMIT, "revocation": Act.REVOKE_PERMIT}


async def amend(
    session: WriteSession, number: CaseNumber, scope: Scope, wanted: api.AmendPermit, sealer: Sealer, *, by: OfficerId, at: datetime
) -> Case:
    """变更 or 撤销. Raises NoSuchCase, CaseHasChanged, CaseNotGranted, ActNotPossible."""
    act = _AMENDS[wanted.kind]
    cases = Cases(session, sealer)
    if await cases.result(await cases.within(number, scope, lock=True)) is None:
        raise CaseNotGranted

    def amended(case: Case) -> Case:
        return case.permit_amended(act)

    return await handle(
        session, number, scope, act, amended, sealer, role=Role.DECIDER, by=by, at=at, revision=wanted.revision, note=wanted.reason
    )  # fmt: skip


async def receive(session: WriteSession, notice: Id, agency: CreditCode, *, by: OfficerId, at: datetime) -> None:
    """Receiving twice changes nothing. Raises NoSuchPermitNotice."""
    mine = (permit_notices.c.id == notice) & (permit_notices.c.supervisor == agency)
    is_first = permit_notices.c.received_at.is_(None)
    values = {
        "received_at": when((is_first, at), else_=permit_notices.c.received_at),
        "received_by": when((is_first, by), else_=permit_notices.c.received_by),
    }
    if not (await session.execute(update(permit_notices).where(mine).values(values))).rowcount:
        raise NoSuchPermitNotice


async def set_supervisor(session: WriteSession, matter: str, agency: CreditCode, *, by: OfficerId, at: datetime) -> None:
    row = {"matter": matter, "agency": agency, "set_by": by, "set_at": at}
    await session.execute(upsert(permit_supervisors).values(row).on_conflict_do_update(index_elements=["matter"], set_=row))
