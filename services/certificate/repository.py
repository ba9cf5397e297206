import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.certificate import CertificateType
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    ConsentId,
    CreditCode,
    PartyId,
    PersonId,
    PersonName,
    ResidentId,
    TaskCode,
)
from services.certificate.domain import Certificate, Holder, NoSuchCertificate, NoSuchType, NotTheHolder
from services.certificate.tables import certificates, holders, presentations, types, uses


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
    """Certificates with their holders' names and numbers sealed; found by a keyed hash of the number."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def link(self, person_id: PersonId, holder: Holder) -> None:
        row = {
            "person_id": person_id,
            "holder_key": self._sealer.lookup(holder.resident_id),
            "name": self._sealer.seal(holder.name),
        }
        await self._session.execute(upsert(holders).values(row).on_conflict_do_nothing())

    async def of(self, person_id: PersonId) -> list[Certificate]:
        """Everything the person holds, newest first."""
        query = (
            select(certificates)
            .join(holders, holders.c.holder_key == certificates.c.holder_key)
            .where(holders.c.person_id == person_id)
            .order_by(certificates.c.id.desc())
        )
        return [self._certificate(row) for row in await self._session.execute(query)]

    async def held(self, certificate_id: CertificateId, person_id: PersonId) -> Certificate:
        """Raises NotTheHolder for the missing and the foreign alike."""
        query = (
            select(certificates)
            .join(holders, holders.c.holder_key == certificates.c.holder_key)
            .where(certificates.c.id == certificate_id, holders.c.person_id == person_id)
        )
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NotTheHolder
        return self._certificate(row)

    async def get(self, certificate_id: CertificateId) -> Certificate:
        row = (await self._session.execute(select(certificates).where(certificates.c.id == certificate_id))).one_or_none()
        if row is None:
            raise NoSuchCertificate
        return self._certificate(row)

    async def identified(self, identifier: CertificateIdentifier) -> Certificate:
        row = (await self._session.execute(select(certificates).where(certificates.c.identifier == identifier))).one_or_none()
        if row is None:
            raise NoSuchCertificate
        return self._certificate(row)

    async def holder_of(self, certificate: Certificate) -> PersonId | None:
        """The registered person behind a certificate, if there is one."""
        key = self._sealer.lookup(certificate.holder.resident_id)
        row = (await self._session.execute(select(holders.c.person_id).where(holders.c.holder_key == key))).one_or_none()
        return PersonId(row.person_id) if row else None

    async def add(self, certificate: Certificate) -> bool:
        """False when one of the same type, issuer and number, or of the same case, is there already."""
        row = {
            "id": certificate.id,
            "identifier": certificate.identifier,
            "type": certificate.type,
            "number": certificate.number,
            "issuer": certificate.issuer,
            "state": certificate.state,
            "grade": certificate.grade,
            "holder_key": self._sealer.lookup(certificate.holder.resident_id),
            "holder_name": self._sealer.seal(certificate.holder.name),
            "holder_id": self._sealer.seal(certificate.holder.resident_id),
            "content": self._sealer.seal(json.dumps(dict(certificate.content), ensure_ascii=False)),
            "issued_on": certificate.issued_on,
            "valid_until": certificate.valid_until,
            "case_number": certificate.case_number,
            "signature": self._sealer.seal(certificate.signature),
            "created_at": certificate.created_at,
        }
        added = await self._session.execute(upsert(certificates).values(row).on_conflict_do_nothing())
        return added.rowcount == 1

    def _certificate(self, row: Row[Any]) -> Certificate:
        return Certificate(
            id=CertificateId(row.id),
            identifier=CertificateIdentifier(row.identifier),
            type=CertificateTypeCode(row.type),
            number=row.number,
            issuer=CreditCode(row.issuer),
            state=row.state,
            grade=row.grade,
            holder=Holder(PersonName(self._sealer.open(row.holder_name)), ResidentId(self._sealer.open(row.holder_id))),
            content=json.loads(self._sealer.open(row.content)),
            issued_on=row.issued_on,
            valid_until=row.valid_until,
            created_at=row.created_at,
            case_number=CaseNumber(row.case_number) if row.case_number else None,
            signature=self._sealer.open(row.signature),
        )


class Presentations:
    """Codes are stored as digests: who reads the table cannot present anything."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(
        self, digest: bytes, certificate_id: CertificateId, person_id: PersonId, purpose: str, *, at: datetime, expires_at: datetime
    ) -> None:
        row = {
            "code": digest,
            "certificate_id": certificate_id,
            "person_id": person_id,
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

    async def get(self, digest: bytes) -> Row[Any] | None:
        return (await self._session.execute(select(presentations).where(presentations.c.code == digest))).one_or_none()


async def record_use(
    session: ReadSession,
    certificate_id: CertificateId,
    *,
    case_number: CaseNumber,
    task_code: TaskCode,
    purpose: str,
    consent_id: ConsentId,
    at: datetime,
) -> None:
    """Once for each certificate and case, however often the case asks."""
    row = {
        "certificate_id": certificate_id,
        "case_number": case_number,
        "task_code": task_code,
        "purpose": purpose,
        "consent_id": consent_id,
        "used_at": at,
    }
    await session.execute(upsert(uses).values(row).on_conflict_do_nothing())
