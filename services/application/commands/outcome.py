"""What other facts make of a case: closed when its result exists."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.application import CaseClosed
from contracts.values import CaseNumber, CertificateIdentifier
from services.application.commands.moving import move
from services.application.domain.case import Case
from services.application.domain.lifecycle import MESH, UNATTENDED, Act, Actor, Status
from services.application.repository import Cases


async def close_with(
    session: WriteSession, number: CaseNumber, certificate: CertificateIdentifier, sealer: Sealer, *, at: datetime
) -> None:
    """The certificate that a grant earned is there: a download is complete, what goes out on paper has yet to arrive. Twice is once.

    After a change of what was granted comes another version. Raises NoSuchCase, CaseNotGranted.
    """
    case = await Cases(session, sealer).numbered(number, lock=True)
    had = case.certificate
    if case.has_earned(certificate) or (had and had.follows(certificate)):
        return
    if (had and certificate.follows(had)) or (case.status is Status.PRODUCING and had is None):
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
    unit: str | None = None,
    note: str | None = None,
) -> Case:
    """办结, the result handed out by a `unit` or gone its way without one. The case is locked by the caller.

    Raises CaseNotGranted, ResultIsAwaited.
    """
    done = case.close(at=at, certificate=certificate, handed_out_by=unit)
    closed = await move(session, case, done, Act.CLOSE, sealer, by=by, at=at, note=note or certificate)
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
