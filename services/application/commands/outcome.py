"""What other facts make of a case: dispatched when it was submitted, closed when its result exists."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.application import CaseClosed
from contracts.values import CaseNumber, CertificateIdentifier, CreditCode, DivisionCode
from services.application.commands.moving import move, note_act
from services.application.domain.case import Case
from services.application.domain.lifecycle import MESH, UNATTENDED, Act, Actor, Status
from services.application.repository import Cases
from services.application.tables import dispatches


async def dispatch(
    session: WriteSession, number: CaseNumber, reason: str, sealer: Sealer, *, agency: CreditCode, division: DivisionCode, at: datetime
) -> None:
    """派件: from now on the feed of whoever handles the case shows it."""
    row = {"number": number, "reason": reason, "agency": agency, "division": division, "at": at}
    added = await session.execute(upsert(dispatches).values(row).on_conflict_do_nothing())
    if added.rowcount:
        case = await Cases(session, sealer).numbered(number)
        await note_act(session, case, Act.DISPATCH, by=MESH, at=at, note=case.agency_name)


async def close_with(
    session: WriteSession, number: CaseNumber, certificate: CertificateIdentifier, sealer: Sealer, *, at: datetime
) -> None:
    """The certificate that a grant earned is there: a download is complete, what goes out on paper has yet to arrive. Twice is once.

    Raises NoSuchCase, CaseNotGranted.
    """
    case = await Cases(session, sealer).numbered(number, lock=True)
    if case.has_earned(certificate):
        return
    if case.status is Status.PRODUCING and case.certificate is None:
        await move(session, case, case.issue(certificate), Act.ISSUE, sealer, by=MESH, at=at, note=certificate)
    else:
        await close(session, case, sealer, at=at, certificate=certificate)


async def close(
    session: WriteSession,
    case: Case,
    sealer: Sealer,
    *,
    at: datetime,
    certificate: CertificateIdentifier | None = None,
    by: Actor = MESH,
) -> Case:
    """办结. The case is locked by the caller. Raises CaseNotGranted, ResultIsAwaited."""
    closed = await move(session, case, case.close(at=at, certificate=certificate), Act.CLOSE, sealer, by=by, at=at, note=certificate)
    event = CaseClosed(
        number=closed.number,
        person_id=closed.person,
        task_code=closed.task_code,
        matter_name=closed.matter_name,
        agency=closed.agency,
        agency_name=closed.agency_name,
        division=closed.division,
        accepted_by=closed.accepted_by or UNATTENDED,
        decided_by=closed.decided_by or UNATTENDED,
        closed_at=at,
        certificate=closed.certificate,
        organisation_id=closed.applicant.organisation,
    )
    await publish(session, event, at=at, trace=closed.trace)
    return closed
