from datetime import date
from typing import Any, Final

from sqlalchemy import select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import certificate as api
from contracts.api.file import FileField, FileRecord, FileSection
from contracts.values import CertificateId, CertificateTypeCode, CreditCode, PersonId
from services.certificate.domain import VALID, Certificate, Holder, Subject, annotation, faults, last_day_of_copy, masked_number
from services.certificate.repository import Certificates, Types, Uses
from services.certificate.tables import holders

_PAGE: Final = 50


async def types(session: ReadSession) -> list[api.CertificateType]:
    return sorted((await Types(session).all()).values(), key=lambda kind: kind.code)


async def one_type(session: ReadSession, code: CertificateTypeCode) -> api.CertificateType:
    """Raises NoSuchType."""
    return await Types(session).get(code)


async def check(session: ReadSession, code: CertificateTypeCode, content: dict[str, Any]) -> api.CheckedContent:
    """Whether `content` would make a certificate of the type. Raises NoSuchType."""
    kind = await Types(session).get(code)
    return api.CheckedContent(errors=faults(content, kind.fields))


async def holders_without_number(session: ReadSession) -> list[PersonId]:
    """Some of those who were linked before holders' numbers were kept: without it no other key can find them."""
    rows = await session.execute(select(holders.c.person_id).where(holders.c.holder_id.is_(None)).limit(100))
    return [PersonId(row.person_id) for row in rows]


async def mine(session: ReadSession, subject: Subject, sealer: Sealer, *, today: date) -> list[api.Summary]:
    names = {code: kind.name for code, kind in (await Types(session).all()).items()}
    return [
        api.Summary(
            id=each.id,
            type=each.type,
            name=names[each.type],
            state=each.state_on(today),
            issued_on=each.issued_on,
            valid_until=each.valid_until,
            case_number=each.case_number,
        )
        for each in await Certificates(session, sealer).of(subject)
    ]


async def holdings(session: ReadSession, wanted: api.AskHoldings, sealer: Sealer, *, today: date) -> list[api.Holding]:
    """The newest valid certificate of each type asked for."""
    names = {code: kind.name for code, kind in (await Types(session).all()).items()}
    found: dict[str, api.Holding] = {}
    for each in await Certificates(session, sealer).of(Subject(wanted.person_id)):
        if each.type in wanted.types and each.state_on(today) == VALID and each.type not in found:
            found[each.type] = api.Holding(
                certificate_id=each.id,
                type=each.type,
                name=names[each.type],
                number_masked=masked_number(each.number),
                issuer=each.issuer,
                valid_until=each.valid_until,
            )
    return list(found.values())


async def used(
    session: ReadSession, certificate_id: CertificateId, wanted: api.UseCertificate, sealer: Sealer
) -> api.UsedCertificate | None:
    """The annotated copy made for the case, always the same one; none where it is not made yet. Raises NotTheHolder."""
    certificate = await Certificates(session, sealer).held(certificate_id, Subject(wanted.person_id))
    made_at = await Uses(session).made_at(certificate_id, wanted.case_number)
    if made_at is None:
        return None
    until = last_day_of_copy(made_at)
    return api.UsedCertificate(
        certificate_id=certificate.id,
        identifier=certificate.identifier,
        type=certificate.type,
        name=(await Types(session).get(certificate.type)).name,
        grade=certificate.grade,
        content=dict(certificate.content),
        annotation=annotation(certificate, wanted.case_number, until),
        usable_until=until,
    )


async def one(session: ReadSession, certificate_id: CertificateId, subject: Subject, sealer: Sealer, *, today: date) -> api.Certificate:
    """As its holder sees it. Raises NotTheHolder."""
    certificate = await Certificates(session, sealer).held(certificate_id, subject)
    name = (await Types(session).get(certificate.type)).name
    return api.Certificate(
        id=certificate.id,
        identifier=certificate.identifier,
        type=certificate.type,
        name=name,
        number=certificate.number,
        state=certificate.state_on(today),
        grade=certificate.grade,
        issuer=certificate.issuer,
        holder_name=certificate.holder.name,
        holder_id_masked=certificate.holder.masked().number,
        content=dict(certificate.content),
        issued_on=certificate.issued_on,
        valid_until=certificate.valid_until,
        case_number=certificate.case_number,
        state_at=certificate.state_at,
        salt=certificate.salt,
        signature=certificate.signature,
        organisation=_organisation(certificate.holder),
    )


async def verified(session: ReadSession, certificate: Certificate, *, today: date, is_signature_valid: bool) -> api.VerifiedPresentation:
    """As a verifier sees it: masked."""
    holder = certificate.holder.masked()
    return api.VerifiedPresentation(
        identifier=certificate.identifier,
        name=(await Types(session).get(certificate.type)).name,
        state=certificate.state_on(today),
        issuer=certificate.issuer,
        holder_name_masked=holder.name,
        holder_id_masked=holder.number,
        issued_on=certificate.issued_on,
        valid_until=certificate.valid_until,
        is_signature_valid=is_signature_valid,
        organisation=_organisation(certificate.holder),
    )


def _organisation(holder: Holder) -> api.HolderOrganisation | None:
    return api.HolderOrganisation(name=holder.name, credit_code=holder.number) if isinstance(holder.number, CreditCode) else None


async def file(
    session: ReadSession, subject: Subject, sealer: Sealer, *, before: CertificateId | None, reveal: bool, today: date
) -> FileSection:
    """What the subject holds, newest first; `before` is the last certificate of the page before."""
    kinds = await Types(session).all()
    held = [each for each in await Certificates(session, sealer).of(subject) if before is None or each.id < before]
    records = [_filed(each, kinds[each.type], today, reveal=reveal) for each in held[:_PAGE]]
    return FileSection(items=records, next=records[-1].id if len(held) > _PAGE else None)


def _filed(certificate: Certificate, kind: api.CertificateType, today: date, *, reveal: bool) -> FileRecord:
    holder, masked = certificate.holder, certificate.holder.masked()
    issued: dict[str, Any] = {"source": certificate.issuer, "at": certificate.created_at}
    sealed: dict[str, Any] = {**issued, "reveal": reveal}
    named = sealed | {"reveal": reveal or holder.is_organisation}
    titles = {name: said.get("title", name) for name, said in kind.fields["properties"].items()}
    until = certificate.valid_until.isoformat() if certificate.valid_until else "长期 without end"
    fields = [
        FileField(name="identifier", title="证照标识 identifier", value=certificate.identifier, **issued),
        FileField(name="state", title="证照状态 state", value=certificate.state_on(today), **issued),
        FileField(name="issued_on", title="颁发日期 issued on", value=certificate.issued_on.isoformat(), **issued),
        FileField(name="valid_until", title="有效期至 valid until", value=until, **issued),
        FileField.personal("number", "证照号码 number", certificate.number, masked=masked_number(certificate.number), **sealed),
        FileField.personal("holder_name", "持证主体 holder", holder.name, masked=masked.name, **named),
        FileField.personal("holder_id", "持证主体代码 holder's number", holder.number, masked=masked.number, **named),
        *(FileField.personal(f"content.{name}", titles.get(name, name), value, **sealed) for name, value in certificate.content.items()),
    ]
    return FileRecord(id=certificate.id, title=kind.name, fields=fields)
