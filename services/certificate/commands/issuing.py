"""What is issued, by whom, and what becomes of it."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api import certificate as api
from contracts.events.certificate import (
    CertificateIssued,
    CertificateStateChanged,
    ChangedState,
)
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    Id,
)
from services.certificate.domain import (
    FROM_THE_ISSUER,
    SUPERSEDED,
    VALID,
    Certificate,
    Earned,
    Holder,
    HolderIsNotOfType,
    NotTheIssuer,
    State,
    fitted,
    last_day,
    number_from,
    out_by,
)
from services.certificate.repository import Certificates, EndedPermits, Types
from services.certificate.signing import CertificateSigner


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
    await publish(session, _issued(certificate, at), at=at)
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
    """A granted case earns its certificate, once; one whose permit has ended since earns it as what it is by now.

    Raises NoSuchType, ContentIsNotValid, AlreadyThere.
    """
    repository = Certificates(session, sealer)
    await repository.alone_with(number)
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
    if not await repository.add_of_case(certificate):
        return
    await publish(session, _issued(certificate, at), at=at, trace=trace)
    if ended := await EndedPermits(session).of(number):
        await _end(session, number, certificate, ended[0], sealer, since=ended[1], at=at, trace=trace)


async def end(
    session: WriteSession, number: CaseNumber, state: State, sealer: Sealer, *, since: datetime, at: datetime, trace: str | None
) -> None:
    """A permit holds no more, nor what it earned, or will. Twice is once."""
    repository = Certificates(session, sealer)
    await repository.alone_with(number)
    if await EndedPermits(session).add(number, state, since) and (certificate := await repository.earned(number)):
        await _end(session, number, certificate, state, sealer, since=since, at=at, trace=trace)


async def _end(
    session: WriteSession,
    number: CaseNumber,
    certificate: Certificate,
    state: State,
    sealer: Sealer,
    *,
    since: datetime,
    at: datetime,
    trace: str | None,
) -> None:
    await Certificates(session, sealer).put_state(certificate.ended(state, at=since))
    await publish(session, _state_changed(certificate, state, since, number), at=at, trace=trace)


async def change(
    session: WriteSession,
    number: CaseNumber,
    content: Mapping[str, Any],
    sealer: Sealer,
    signer: CertificateSigner,
    *,
    revision: int,
    since: datetime,
    at: datetime,
    trace: str | None,
) -> None:
    """What a case earned says something else since the case's `revision`: the next version supersedes it. Twice is once.

    Nothing where none was issued: it will say so from the beginning. Raises ContentIsNotValid.
    """
    repository = Certificates(session, sealer)
    await repository.alone_with(number)
    before = await repository.earned(number)
    if before is None or before.case_revision >= revision or before.state != VALID:
        return
    kind = await Types(session).get(before.type)
    after = before.changed(fitted(content, kind.fields), revision=revision, salt=secrets.token_urlsafe(16), at=since)
    await _supersede(session, number, before, after, sealer, signer, since=since, at=at, trace=trace)


async def renew(
    session: WriteSession,
    number: CaseNumber,
    identifier: CertificateIdentifier,
    sealer: Sealer,
    signer: CertificateSigner,
    *,
    since: date,
    at: datetime,
    trace: str | None,
) -> None:
    """视为准予延续, for want of a decision in the case of this number: the next version holds for another term. Twice is once.

    Nothing of a certificate that is not kept here, was ended meanwhile, or holds on the day `since` anyway.
    """
    repository = Certificates(session, sealer)
    named = await repository.version_of(identifier)
    if named is None:
        return
    await repository.alone_with(named.case_number or number)
    before = await repository.version_of(identifier)
    assert before is not None
    kind = await Types(session).get(before.type)
    after = before.renewed(kind.valid_years, since=since, salt=secrets.token_urlsafe(16), at=at)
    if after is not None:
        await _supersede(session, number, before, after, sealer, signer, since=at, at=at, trace=trace)


async def _supersede(
    session: WriteSession,
    number: CaseNumber,
    before: Certificate,
    unsigned: Certificate,
    sealer: Sealer,
    signer: CertificateSigner,
    *,
    since: datetime,
    at: datetime,
    trace: str | None,
) -> None:
    """The next version in the place of the one before, because of the case of this number."""
    after = replace(unsigned, signature=signer.sign(unsigned))
    repository = Certificates(session, sealer)
    await repository.put_state(before.ended(SUPERSEDED, at=since))
    await repository.add(after)
    await publish(session, _state_changed(before, SUPERSEDED, since, number, replaced_by=after.identifier), at=at, trace=trace)
    await publish(session, _issued(after, at), at=at, trace=trace)


def _issued(certificate: Certificate, at: datetime) -> CertificateIssued:
    return CertificateIssued(
        certificate_id=certificate.id,
        identifier=certificate.identifier,
        type=certificate.type,
        case_number=certificate.case_number,
        issued_at=at,
    )


def _state_changed(
    certificate: Certificate, state: ChangedState, at: datetime, number: CaseNumber, *, replaced_by: CertificateIdentifier | None = None
) -> CertificateStateChanged:
    return CertificateStateChanged(
        certificate_id=certificate.id,
        identifier=certificate.identifier,
        state=state,
        case_number=number,
        changed_at=at,
        replaced_by=replaced_by,
    )


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
