"""What other facts make of a case: closed when its result exists."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.application import CaseClosed
from contracts.values import CaseNumber, CertificateIdentifier
from services.application.commands.moving import move
from services.application.domain.case import Case
from services.application.domain.lifecycle import MESH, Act
from services.application.repository import Cases


async def close_with(
    session: WriteSession, number: CaseNumber, certificate: CertificateIdentifier, sealer: Sealer, *, at: datetime
) -> None:
    """The certificate that a grant earned is there. Closing twice changes nothing. Raises NoSuchCase, CaseNotGranted."""
    case = await Cases(session, sealer).numbered(number, lock=True)
    if not case.is_closed_with(certificate):
        await close(session, case, sealer, at=at, certificate=certificate)


async def close(
    session: WriteSession, case: Case, sealer: Sealer, *, at: datetime, certificate: CertificateIdentifier | None = None
) -> Case:
    """办结. The case is locked by the caller."""
    closed = await move(session, case, case.close(at=at, certificate=certificate), Act.CLOSE, sealer, by=MESH, at=at, note=certificate)
    assert closed.accepted_by is not None
    assert closed.decided_by is not None
    event = CaseClosed(
        number=closed.number,
        person_id=closed.person,
        task_code=closed.task_code,
        matter_name=closed.matter_name,
        agency=closed.agency,
        agency_name=closed.agency_name,
        division=closed.division,
        accepted_by=closed.accepted_by,
        decided_by=closed.decided_by,
        closed_at=at,
        certificate=certificate,
        organisation_id=closed.applicant.organisation,
    )
    await publish(session, event, at=at, trace=closed.trace)
    return closed
