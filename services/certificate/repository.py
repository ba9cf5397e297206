import json
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, delete, false, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from chassis.sealing import Sealer, one_at_a_time
from contracts.api.certificate import CertificateType, UseCertificate
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    OrganisationId,
    PartyId,
    PersonId,
    ResidentId,
)
from services.certificate.domain import (
    SUPERSEDED,
    AlreadyThere,
    Certificate,
    Holder,
    NoSuchCertificate,
    NoSuchType,
    NotTheHolder,
    State,
    Subject,
)
from services.certificate.tables import certificates, ended_permits, holders, organisation_holders, presentations, types, uses

_PERSON, _ORGANISATION = "person", "organisation"


class Types:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, code: CertificateTypeCode) -> CertificateType:
        """Raises NoSuchType."""
        row = (await self._session.execute(select(types).where(types.c.code == code))).one_or_none()
        if row is None:
            raise NoSuchType(code)
        return CertificateType.model_validate_json(json.dumps(row._asdict()))

    async def all(self) -> dict[str, CertificateType]:
        rows = await self._session.execute(select(types))
        return {row.code: CertificateType.model_validate_json(json.dumps(row._asdict())) for row in rows}

    async def put(self, kind: CertificateType) -> None:
        row = kind.model_dump(mode="json")
        await self._session.execute(upsert(types).values(row).on_conflict_do_update(index_elements=["code"], set_=row))


class Certificates:
    """Certificates, sealed with their holders' names and numbers; found by a keyed hash of a number."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def link(self, subject: PersonId | OrganisationId, number: ResidentId | CreditCode) -> None:
        """Identity's word of now: whoever else was known by the number no longer is, and the subject by no other."""
        await one_at_a_time(self._session, self._sealer, number)
        table, column = _linked(subject)
        known = table.c.holder_key.in_(self._sealer.lookups(number))
        await self._session.execute(delete(table).where(known, column != subject))
        row = {column.name: subject, "holder_key": self._sealer.lookup(number), "holder_id": self._sealer.seal(number)}
        await self._session.execute(upsert(table).values(row).on_conflict_do_update(index_elements=[column], set_=row))

    async def move(self, person_id: PersonId, into: PersonId) -> None:
        """The number under which somebody was known leads to another account, unless that one is known by it already. Twice is once."""
        has_one = select(holders.c.person_id).where(holders.c.person_id == into).exists()
        await self._session.execute(update(holders).where(holders.c.person_id == person_id, ~has_one).values(person_id=into))
        await self._session.execute(delete(holders).where(holders.c.person_id == person_id))

    async def of(self, subject: Subject) -> list[Certificate]:
        """Everything the subject holds, newest first."""
        query = select(certificates).where(await self._of(subject)).order_by(certificates.c.id.desc())
        return [self._certificate(row) for row in await self._session.execute(query)]

    async def held(self, certificate_id: CertificateId, subject: Subject) -> Certificate:
        """Raises NotTheHolder for the missing and the foreign alike."""
        query = select(certificates).where(certificates.c.id == certificate_id, await self._of(subject))
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NotTheHolder
        return self._certificate(row)

    async def get(self, certificate_id: CertificateId) -> Certificate:
        row = (await self._session.execute(select(certificates).where(certificates.c.id == certificate_id))).one_or_none()
        if row is None:
            raise NoSuchCertificate
        return self._certificate(row)

    async def add(self, certificate: Certificate) -> None:
        """Raises AlreadyThere when its issuer gave the number out before."""
        if not await self._added(certificate):
            raise AlreadyThere

    async def add_of_case(self, certificate: Certificate) -> bool:
        """False when its case has its certificate already. Raises AlreadyThere when its issuer gave the number to another."""
        if await self._added(certificate):
            return True
        same_case = select(certificates.c.id).where(certificates.c.case_number == certificate.case_number)
        if (await self._session.execute(same_case)).first() is None:
            raise AlreadyThere
        return False

    async def alone_with(self, case_number: CaseNumber) -> None:
        """Until the transaction ends, nobody else issues, changes or ends what this case earned."""
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(case_number, 0))))

    async def earned(self, case_number: CaseNumber) -> Certificate | None:
        """The version that says it now."""
        query = select(certificates).where(certificates.c.case_number == case_number, certificates.c.state != SUPERSEDED)
        row = (await self._session.execute(query)).one_or_none()
        return self._certificate(row) if row else None

    async def version_of(self, identifier: CertificateIdentifier) -> Certificate | None:
        """The version that says now what the certificate of this identifier says. None of one that is not kept here."""
        named = (await self._session.execute(select(certificates).where(certificates.c.identifier == identifier))).one_or_none()
        if named is None:
            return None
        row = (await self._session.execute(select(certificates).where(self._has_number_of(self._certificate(named))))).one_or_none()
        return self._certificate(row) if row else None

    async def put_state(self, certificate: Certificate) -> None:
        values = {"state": certificate.state, "state_at": certificate.state_at}
        await self._session.execute(update(certificates).where(certificates.c.id == certificate.id).values(values))

    async def _of(self, subject: Subject) -> ColumnElement[bool]:
        """While keys change, a holder and a certificate may stand under hashes of two keys: they meet by the number itself."""
        table, column = _linked(subject.id)
        query = select(table.c.holder_key, table.c.holder_id).where(column == subject.id)
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            return false()
        keys = [row.holder_key] if row.holder_id is None else self._sealer.lookups(self._sealer.open(row.holder_id))
        kind = _PERSON if isinstance(subject.id, PersonId) else _ORGANISATION
        theirs = certificates.c.holder_key.in_(keys) & (certificates.c.holder_kind == kind)
        # A number's basic code follows its credit code and its level. What no case earned belongs to no matter.
        return theirs & func.substr(certificates.c.case_number, 20, 12).in_(subject.matters) if subject.matters else theirs

    def _has_number_of(self, certificate: Certificate) -> ColumnElement[bool]:
        """Whatever its issuer gave this number to, in the version of now."""
        same = (certificates.c.type == certificate.type) & (certificates.c.issuer == certificate.issuer)
        of_number = certificates.c.number_key.in_(self._sealer.lookups(certificate.number))
        return same & of_number & (certificates.c.state != SUPERSEDED)

    async def _added(self, certificate: Certificate) -> bool:
        await one_at_a_time(self._session, self._sealer, certificate.number)
        taken = select(certificates.c.id).where(self._has_number_of(certificate))
        if (await self._session.execute(taken)).first():
            return False
        row = {
            "id": certificate.id,
            "identifier": certificate.identifier,
            "type": certificate.type,
            "number": self._sealer.seal(certificate.number),
            "number_key": self._sealer.lookup(certificate.number),
            "issuer": certificate.issuer,
            "state": certificate.state,
            "grade": certificate.grade,
            "holder_kind": _ORGANISATION if certificate.holder.is_organisation else _PERSON,
            "holder_key": self._sealer.lookup(certificate.holder.number),
            "holder_name": self._sealer.seal(certificate.holder.name),
            "holder_id": self._sealer.seal(certificate.holder.number),
            "content": self._sealer.seal(json.dumps(dict(certificate.content), ensure_ascii=False)),
            "issued_on": certificate.issued_on,
            "valid_until": certificate.valid_until,
            "case_number": certificate.case_number,
            "salt": certificate.salt,
            "signature": self._sealer.seal(certificate.signature),
            "created_at": certificate.created_at,
            "state_at": certificate.state_at,
            "case_revision": certificate.case_revision,
        }
        added = await self._session.execute(upsert(certificates).values(row).on_conflict_do_nothing())
        return added.rowcount == 1

    def _certificate(self, row: Row[Any]) -> Certificate:
        return Certificate(
            id=CertificateId(row.id),
            identifier=CertificateIdentifier(row.identifier),
            type=CertificateTypeCode(row.type),
            number=self._sealer.open(row.number),
            issuer=CreditCode(row.issuer),
            state=row.state,
            grade=row.grade,
            holder=self._holder(row),
            content=json.loads(self._sealer.open(row.content)),
            issued_on=row.issued_on,
            valid_until=row.valid_until,
            created_at=row.created_at,
            salt=row.salt,
            case_number=CaseNumber(row.case_number) if row.case_number else None,
            signature=self._sealer.open(row.signature),
            state_at=row.state_at,
            case_revision=row.case_revision,
        )

    def _holder(self, row: Row[Any]) -> Holder:
        number = self._sealer.open(row.holder_id)
        return Holder(self._sealer.open(row.holder_name), CreditCode(number) if row.holder_kind == _ORGANISATION else ResidentId(number))


def _linked(subject: PersonId | OrganisationId) -> tuple[Table, Column[Any]]:
    """Where it stands under which number subjects of its kind are known."""
    if isinstance(subject, PersonId):
        return holders, holders.c.person_id
    return organisation_holders, organisation_holders.c.organisation_id


class Presentations:
    """Codes are stored as digests: who reads the table cannot present anything."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(
        self,
        digest: bytes,
        certificate_id: CertificateId,
        holder: PersonId | OrganisationId,
        purpose: str,
        *,
        at: datetime,
        expires_at: datetime,
    ) -> None:
        row = {
            "code": digest,
            "certificate_id": certificate_id,
            "person_id" if isinstance(holder, PersonId) else "organisation_id": holder,
            "purpose": purpose,
            "created_at": at,
            "expires_at": expires_at,
        }
        await self._session.execute(insert(presentations).values(row))

    async def use(self, digest: bytes, verifier: PartyId, at: datetime) -> Row[Any] | None:
        """The presentation, if this is its first use and in time; one statement, so that two verifiers cannot both win."""
        query = (
            update(presentations)
            .where(presentations.c.code == digest, presentations.c.used_at.is_(None), presentations.c.expires_at > at)
            .values(used_at=at, verifier=verifier)
            .returning(presentations)
        )
        used: Row[Any] | None = (await self._session.execute(query)).one_or_none()
        return used

    async def move(self, person_id: PersonId, into: PersonId) -> None:
        await self._session.execute(update(presentations).where(presentations.c.person_id == person_id).values(person_id=into))

    async def get(self, digest: bytes) -> Row[Any] | None:
        found: Row[Any] | None = (await self._session.execute(select(presentations).where(presentations.c.code == digest))).one_or_none()
        return found


class Uses:
    """One use for each certificate and case, however often the case asks."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def record(self, certificate_id: CertificateId, wanted: UseCertificate, at: datetime) -> None:
        row = {
            "certificate_id": certificate_id,
            "case_number": wanted.case_number,
            "task_code": wanted.task_code,
            "purpose": wanted.purpose,
            "consent_id": wanted.consent_id,
            "used_at": at,
        }
        await self._session.execute(upsert(uses).values(row).on_conflict_do_nothing())

    async def made_at(self, certificate_id: CertificateId, case_number: CaseNumber) -> datetime | None:
        """When the copy for the case was made; none where there is no copy."""
        query = select(uses.c.used_at).where(uses.c.certificate_id == certificate_id, uses.c.case_number == case_number)
        used_at: datetime | None = (await self._session.execute(query)).scalar_one_or_none()
        return used_at


class EndedPermits:
    """Cases whose permit holds no more: what they earned does not either, whenever it is issued."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, case_number: CaseNumber, state: State, at: datetime) -> bool:
        """False where it had ended before."""
        row = {"case_number": case_number, "state": state, "ended_at": at}
        return (await self._session.execute(upsert(ended_permits).values(row).on_conflict_do_nothing())).rowcount == 1

    async def of(self, case_number: CaseNumber) -> tuple[State, datetime] | None:
        """As what and since when; none where the permit holds."""
        row = (await self._session.execute(select(ended_permits).where(ended_permits.c.case_number == case_number))).one_or_none()
        return (row.state, row.ended_at) if row else None
