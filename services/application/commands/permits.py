"""Whoever supervises a field is told what is granted, changed and revoked in it, and says that it was received."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import case as when
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.events import Event
from contracts.events.application import CasePermitChanged, CasePermitEnded
from contracts.values import CaseNumber, CreditCode, Id, OfficerId
from services.application.commands.moving import move
from services.application.domain.case import Case, CaseNotGranted, Scope
from services.application.domain.lifecycle import Act, Actor, Role
from services.application.domain.permits import ENDS, NoSuchPermitNotice, PermitHasEnded
from services.application.repository import Cases
from services.application.repository.permits import has_ended
from services.application.tables import permit_notices, permit_supervisors

_AMENDS: Final[dict[str, Act]] = {"change": Act.CHANGE_PERMIT} | {kind: act for act, kind in ENDS.items()}


async def amendable(
    session: ReadSession, number: CaseNumber, scope: Scope, wanted: api.AmendPermit, sealer: Sealer, *, lock: bool = False
) -> tuple[Case, dict[str, Any]]:
    """The case, and what its certificate will say. Raises NoSuchCase, NotTheUnit, CaseHasChanged, CaseNotGranted, PermitHasEnded."""
    cases = Cases(session, sealer)
    case = await cases.within(number, scope, act=_AMENDS[wanted.kind], lock=lock)
    case.check_revision(wanted.revision)
    said = await cases.result(case)
    if said is None:
        raise CaseNotGranted
    if await has_ended(session, case):
        raise PermitHasEnded
    return case, said | wanted.content


async def amend(
    session: WriteSession, number: CaseNumber, scope: Scope, wanted: api.AmendPermit, sealer: Sealer, *, by: OfficerId, at: datetime
) -> Case:
    """变更, 撤销, 撤回 or 注销. Raises ActNotPossible, and as `amendable` does."""
    act = _AMENDS[wanted.kind]
    case, content = await amendable(session, number, scope, wanted, sealer, lock=True)
    actor = Actor(Role.DECIDER, case.agency_name, by)
    amended = await move(session, case, case.permit_amended(act), act, sealer, by=actor, at=at, note=wanted.reason)
    if act in ENDS:
        event: Event = CasePermitEnded(number=number, agency=case.agency, kind=ENDS[act], ended_at=at)
    else:
        event = CasePermitChanged(
            number=number,
            agency=case.agency,
            revision=amended.revision,
            changed_at=at,
            certificate_type=case.certificate_type if wanted.content else None,
            organisation_id=case.applicant.organisation,
        )
    if wanted.content:
        await Cases(session, sealer).put_result(case, content)
    await publish(session, event, at=at, trace=case.trace)
    return amended


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
