import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api import certificate as api
from contracts.api.application import CaseResult
from contracts.events.certificate import CertificateIssued, CertificatePresented
from contracts.values import CaseNumber, CertificateId, CertificateIdentifier, CertificateTypeCode, CreditCode, Id, PartyId, PersonId
from services.certificate.domain import (
    VALID,
    AlreadyThere,
    Certificate,
    Holder,
    NoSuchPresentation,
    PresentationHasExpired,
    PresentationWasUsed,
    TypesRefused,
    fitted,
    last_day,
)
from services.certificate.repository import Certificates, Presentations, Types, record_use
from services.certificate.signing import CertificateSigner

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def today(at: datetime) -> date:
    return at.astimezone(_SHANGHAI).date()


async def import_types(session: WriteSession, document: api.ImportTypes) -> api.TypesImported:
    """All or nothing. Raises TypesRefused naming row, column and rule."""
    codes = [kind.code for kind in document.types]
    twice = [row for row, code in enumerate(codes) if code in codes[:row]]
    if twice:
        errors = [{"table": "types", "row": str(row + 1), "column": "code", "rule": "a code is given once"} for row in twice]
        raise TypesRefused(errors=errors)
    known = await Types(session).all()
    changed = [kind for kind in document.types if known.get(kind.code) != kind]
    for kind in changed:
        await Types(session).put(kind)
    created = sum(kind.code not in known for kind in changed)
    return api.TypesImported(created=created, changed=len(changed) - created, unchanged=len(codes) - len(changed))


async def deposit(session: WriteSession, handed_in: api.Deposit, sealer: Sealer, signer: CertificateSigner, *, at: datetime) -> Certificate:
    """Take in a certificate that its issuer gave out before. Raises NoSuchType, ContentIsNotValid, AlreadyThere."""
    kind = await Types(session).get(handed_in.type)
    certificate = _made(
        signer,
        kind=handed_in.type,
        issuer=handed_in.issuer,
        number=handed_in.number,
        holder=Holder(handed_in.holder_name, handed_in.holder_id),
        content=fitted(handed_in.content, kind.fields),
        issued_on=handed_in.issued_on,
        valid_until=handed_in.valid_until,
        at=at,
    )
    if not await Certificates(session, sealer).add(certificate):
        raise AlreadyThere
    issued = CertificateIssued(certificate_id=certificate.id, identifier=certificate.identifier, type=certificate.type, issued_at=at)
    await publish(session, issued, at=at)
    return certificate


async def issue(
    session: WriteSession,
    number: CaseNumber,
    result: CaseResult,
    sealer: Sealer,
    signer: CertificateSigner,
    *,
    at: datetime,
    trace: str | None,
) -> None:
    """A granted case earns its certificate, once. Raises NoSuchType, ContentIsNotValid."""
    assert result.certificate_type is not None
    kind = await Types(session).get(result.certificate_type)
    issued_on = today(result.decided_at)
    certificate = _made(
        signer,
        kind=result.certificate_type,
        issuer=result.agency,
        number=f"{issued_on:%Y%m%d}{number[-6:]}",
        holder=Holder(result.holder_name, result.holder_id),
        content=fitted(result.content, kind.fields),
        issued_on=issued_on,
        valid_until=last_day(issued_on, kind.valid_years),
        at=at,
        case_number=number,
    )
    if await Certificates(session, sealer).add(certificate):
        event = CertificateIssued(
            certificate_id=certificate.id, identifier=certificate.identifier, type=certificate.type, case_number=number, issued_at=at
        )
        await publish(session, event, at=at, trace=trace)


def _made(
    signer: CertificateSigner,
    *,
    kind: CertificateTypeCode,
    issuer: CreditCode,
    number: str,
    holder: Holder,
    content: dict[str, Any],
    issued_on: date,
    valid_until: date | None,
    at: datetime,
    case_number: CaseNumber | None = None,
) -> Certificate:
    serial = Id.new().replace("-", "").upper()
    facts: dict[str, Any] = {
        "id": CertificateId.new(),
        "identifier": CertificateIdentifier.of(kind, issuer, serial, 1),
        "type": kind,
        "number": number,
        "issuer": issuer,
        "state": VALID,
        "grade": "A",
        "holder": holder,
        "content": content,
        "issued_on": issued_on,
        "valid_until": valid_until,
        "created_at": at,
        "case_number": case_number,
    }
    return Certificate(**facts, signature=signer.sign(Certificate(**facts)))


async def present(
    session: WriteSession,
    certificate_id: CertificateId,
    person_id: PersonId,
    purpose: str,
    sealer: Sealer,
    *,
    life: timedelta,
    at: datetime,
) -> tuple[str, datetime]:
    """A fresh code for a valid certificate of the person. Raises NotTheHolder, CertificateIsNotUsable."""
    certificate = await Certificates(session, sealer).held(certificate_id, person_id)
    certificate.usable_on(today(at))
    code = secrets.token_urlsafe(32)
    await Presentations(session).add(_digest(code), certificate_id, person_id, purpose, at=at, expires_at=at + life)
    return code, at + life


async def verify(session: WriteSession, code: str, sealer: Sealer, *, verifier: PartyId, at: datetime) -> tuple[Certificate, PersonId]:
    """What a code presents, once. Raises NoSuchPresentation, PresentationWasUsed, PresentationHasExpired."""
    used = await Presentations(session).use(_digest(code), verifier, at)
    if used is None:
        known = await Presentations(session).get(_digest(code))
        if known is None:
            raise NoSuchPresentation
        raise PresentationWasUsed if known.used_at else PresentationHasExpired
    certificate = await Certificates(session, sealer).get(CertificateId(used.certificate_id))
    await publish(session, CertificatePresented(certificate_id=certificate.id, verifier=verifier, presented_at=at), at=at)
    return certificate, PersonId(used.person_id)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


async def use(
    session: WriteSession, certificate_id: CertificateId, wanted: api.UseCertificate, sealer: Sealer, *, at: datetime
) -> api.UsedCertificate:
    """The annotated copy for one case. Raises NotTheHolder, CertificateIsNotUsable."""
    certificate = (await Certificates(session, sealer).held(certificate_id, wanted.person_id)).usable_on(today(at))
    kind = await Types(session).get(certificate.type)
    await record_use(
        session,
        certificate_id,
        case_number=wanted.case_number,
        task_code=wanted.task_code,
        purpose=wanted.purpose,
        consent_id=wanted.consent_id,
        at=at,
    )
    usable_until = today(at) + timedelta(days=180)
    return api.UsedCertificate(
        certificate_id=certificate.id,
        identifier=certificate.identifier,
        type=certificate.type,
        name=kind.name,
        grade=certificate.grade,
        content=dict(certificate.content),
        annotation=f"此件由颁发机构 {certificate.issuer} 提供，仅供办理 {wanted.case_number} 时使用，有效期至 {usable_until.isoformat()}",
        usable_until=usable_until,
    )


async def link(session: WriteSession, person_id: PersonId, holder: Holder, sealer: Sealer) -> None:
    await Certificates(session, sealer).link(person_id, holder)
