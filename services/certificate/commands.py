import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api import certificate as api
from contracts.events.certificate import CertificateIssued, CertificatePresented, CertificateTypeRegistered
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    Id,
    OrganisationId,
    PartyId,
    PersonId,
    ResidentId,
)
from services.certificate.domain import (
    FROM_THE_ISSUER,
    VALID,
    Certificate,
    Earned,
    Holder,
    HolderIsNotOfType,
    NoSuchPresentation,
    NotTheIssuer,
    PresentationHasExpired,
    PresentationWasUsed,
    Subject,
    TypesRefused,
    errors_in,
    fitted,
    last_day,
    number_from,
    out_by,
)
from services.certificate.repository import Certificates, Presentations, Types, Uses
from services.certificate.signing import CertificateSigner


async def import_types(session: WriteSession, document: api.ImportTypes, *, at: datetime) -> api.TypesImported:
    """All or nothing. Raises TypesRefused naming row, column and rule."""
    if errors := errors_in(document.types):
        raise TypesRefused(f"{len(errors)} rules are broken", errors=errors[:100])
    known = await Types(session).all()
    changed = [kind for kind in document.types if known.get(kind.code) != kind]
    for kind in changed:
        await Types(session).put(kind)
        await publish(session, _registered(kind, at), at=at)
    created = sum(kind.code not in known for kind in changed)
    return api.TypesImported(created=created, changed=len(changed) - created, unchanged=len(document.types) - len(changed))


def _registered(kind: api.CertificateType, at: datetime) -> CertificateTypeRegistered:
    return CertificateTypeRegistered(
        code=kind.code,
        name=kind.name,
        en=kind.en,
        issuer_function=kind.issuer_function,
        holder=kind.holder,
        provenance=kind.provenance,
        registered_at=at,
    )


async def deposit(
    session: WriteSession, handed_in: api.Deposit, sealer: Sealer, signer: CertificateSigner, *, by: CreditCode | None, at: datetime
) -> Certificate:
    """Take in a certificate that its issuer gave out before; `by` is the agency that hands it in, none for the city's own systems.

    A sole trader holds types of organisations in their own name; an organisation holds no type of persons.
    Raises NotTheIssuer, NoSuchType, HolderIsNotOfType, ContentIsNotValid, AlreadyThere.
    """
    if by is not None and by != handed_in.issuer:
        raise NotTheIssuer
    kind = await Types(session).get(handed_in.type)
    holder = _holder_of(handed_in)
    if holder.is_organisation and kind.holder != "organisation":
        raise HolderIsNotOfType
    certificate = _signed(
        signer,
        type_code=handed_in.type,
        issuer=handed_in.issuer,
        number=handed_in.number,
        holder=holder,
        content=fitted(handed_in.content, kind.fields),
        issued_on=out_by(handed_in.issued_on, local_day(at)),
        valid_until=handed_in.valid_until,
        at=at,
    )
    await Certificates(session, sealer).add(certificate)
    issued = CertificateIssued(certificate_id=certificate.id, identifier=certificate.identifier, type=certificate.type, issued_at=at)
    await publish(session, issued, at=at)
    return certificate


def _holder_of(handed_in: api.Deposit) -> Holder:
    if handed_in.organisation is not None:
        return Holder(handed_in.organisation.name, handed_in.organisation.credit_code)
    assert handed_in.holder_name is not None
    assert handed_in.holder_id is not None
    return Holder(handed_in.holder_name, handed_in.holder_id)


async def issue(
    session: WriteSession,
    number: CaseNumber,
    earned: Earned,
    sealer: Sealer,
    signer: CertificateSigner,
    *,
    at: datetime,
    trace: str | None,
) -> None:
    """A granted case earns its certificate, once. Raises NoSuchType, ContentIsNotValid, AlreadyThere."""
    kind = await Types(session).get(earned.type)
    issued_on = local_day(earned.decided_at)
    certificate = _signed(
        signer,
        type_code=earned.type,
        issuer=number.task_code.agency,
        number=number_from(number),
        holder=earned.holder,
        content=fitted(earned.content, kind.fields),
        issued_on=issued_on,
        valid_until=last_day(issued_on, kind.valid_years),
        at=at,
        case_number=number,
    )
    if not await Certificates(session, sealer).add_of_case(certificate):
        return
    issued = CertificateIssued(
        certificate_id=certificate.id, identifier=certificate.identifier, type=certificate.type, case_number=number, issued_at=at
    )
    await publish(session, issued, at=at, trace=trace)


def _signed(
    signer: CertificateSigner,
    *,
    type_code: CertificateTypeCode,
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
    unsigned = Certificate(
        id=CertificateId.new(),
        identifier=CertificateIdentifier.of(type_code, issuer, serial, 1),
        type=type_code,
        number=number,
        issuer=issuer,
        state=VALID,
        grade=FROM_THE_ISSUER,
        holder=holder,
        content=content,
        issued_on=issued_on,
        valid_until=valid_until,
        created_at=at,
        salt=secrets.token_urlsafe(16),
        case_number=case_number,
    )
    return replace(unsigned, signature=signer.sign(unsigned))


async def present(
    session: WriteSession,
    certificate_id: CertificateId,
    subject: Subject,
    purpose: str,
    sealer: Sealer,
    *,
    life: timedelta,
    at: datetime,
) -> tuple[str, datetime]:
    """A fresh code for a valid certificate of the subject, and its end. Raises NotTheHolder, CertificateIsNotUsable."""
    certificate = await Certificates(session, sealer).held(certificate_id, subject)
    certificate.usable_on(local_day(at))
    code = secrets.token_urlsafe(32)
    await Presentations(session).add(_digest(code), certificate_id, subject.id, purpose, at=at, expires_at=at + life)
    return code, at + life


async def verify(
    session: WriteSession, code: str, sealer: Sealer, *, verifier: PartyId, at: datetime
) -> tuple[Certificate, PersonId | OrganisationId]:
    """What a code presents, once, and whose it is. Raises NoSuchPresentation, PresentationWasUsed, PresentationHasExpired."""
    used = await Presentations(session).use(_digest(code), verifier, at)
    if used is None:
        known = await Presentations(session).get(_digest(code))
        if known is None:
            raise NoSuchPresentation
        raise PresentationWasUsed if known.used_at else PresentationHasExpired
    certificate = await Certificates(session, sealer).get(CertificateId(used.certificate_id))
    await publish(session, CertificatePresented(certificate_id=certificate.id, verifier=verifier, presented_at=at), at=at)
    return certificate, PersonId(used.person_id) if used.person_id else OrganisationId(used.organisation_id)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


async def use(
    session: WriteSession,
    certificate_id: CertificateId,
    wanted: api.UseCertificate,
    sealer: Sealer,
    *,
    materials: Collection[CertificateTypeCode],
    at: datetime,
) -> None:
    """Record the use in a case whose matter lists `materials`. Raises NotTheHolder, NotAMaterial, CertificateIsNotUsable."""
    certificate = await Certificates(session, sealer).held(certificate_id, Subject(wanted.person_id))
    certificate.wanted_among(materials).usable_on(local_day(at))
    await Uses(session).record(certificate_id, wanted, at)


async def link(session: WriteSession, subject: PersonId | OrganisationId, number: ResidentId | CreditCode, sealer: Sealer) -> None:
    """Whatever was or will be issued under the number is the subject's from now on."""
    await Certificates(session, sealer).link(subject, number)


async def move(session: WriteSession, person_id: PersonId, into: PersonId, sealer: Sealer) -> None:
    """An account became part of another: what its person holds is the other's. Uses of the past say what they said."""
    await Certificates(session, sealer).move(person_id, into)
    await Presentations(session).move(person_id, into)
