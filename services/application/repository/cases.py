import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from chassis.working_days import Due
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.values import (
    CaseId,
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    ConsentId,
    CreditCode,
    DivisionCode,
    FileId,
    MandateId,
    OfficerId,
    OrganisationId,
    PersonId,
    TaskCode,
)
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, CaseHasChanged, Extension, NoSuchCase, Notice, Scope, Suspension
from services.application.domain.intake import CaseMaterial, CertificateCopy, FieldValue
from services.application.domain.lifecycle import Status
from services.application.repository.ownership import within_mandate
from services.application.tables import cases, consents, materials

_SUSPENSIONS: Final = TypeAdapter(tuple[Suspension, ...])
_EXTENSION: Final = TypeAdapter(Extension | None)
_ADD: Final = insert(cases)

# Whoever asks for cases does not fetch, or send over the wire, what is sealed in them.
CASE_COLUMNS = [column for column in cases.c if column.name not in {"applicant", "form", "result"}]


class Cases:
    """Cases by number, for their applicant or within a handler's scope: what is outside it does not exist."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def of_applicant(self, number: CaseNumber, applicant: Applicant, *, lock: bool = False) -> Case:
        """Raises NoSuchCase."""
        return await self._one(select(*CASE_COLUMNS).where(cases.c.number == number, within_mandate(applicant)), lock=lock)

    async def within(self, number: CaseNumber, scope: Scope, *, lock: bool = False) -> Case:
        """Raises NoSuchCase."""
        query = select(*CASE_COLUMNS).where(cases.c.number == number)
        query = query.where(cases.c.division == scope.division if scope.division else cases.c.agency == scope.agency)
        return await self._one(query, lock=lock)

    async def numbered(self, number: CaseNumber, *, lock: bool = False) -> Case:
        """For the mesh itself. Raises NoSuchCase."""
        return await self._one(select(*CASE_COLUMNS).where(cases.c.number == number), lock=lock)

    async def add(
        self,
        case: Case,
        applicant: Profile | OrganisationProfile,
        values: Sequence[FieldValue],
        given: Sequence[CaseMaterial],
        *,
        agent_name: str | None = None,
    ) -> None:
        identity = {"name": applicant.name.value, **_numbers_of(applicant)}
        if agent_name:
            identity["agent_name"] = agent_name
        sealed = {"applicant": self._seal(identity), "form": self._sealed_form(values)}
        await self._session.execute(_ADD, _founding(case) | _state(case) | sealed)
        await self.put_materials(case, given)

    async def save(self, before: Case, after: Case) -> None:
        """Only from what was read: of two that move a case at once, one does. Raises CaseHasChanged."""
        mine = (cases.c.id == before.id) & (cases.c.revision == before.revision)
        saved = await self._session.execute(update(cases).where(mine).values(_state(after)))
        if not saved.rowcount:
            raise CaseHasChanged

    async def put_values(self, case: Case, values: Sequence[FieldValue]) -> None:
        await self._session.execute(update(cases).where(cases.c.id == case.id).values(form=self._sealed_form(values)))

    async def put_materials(self, case: Case, given: Sequence[CaseMaterial]) -> None:
        """Add materials, in the place of earlier ones of the same code."""
        for each in given:
            row = {
                "case_id": case.id,
                "code": each.code,
                "name": each.name,
                "file_id": each.file_id,
                "copy": self._seal(asdict(each.copy)) if each.copy else None,
            }
            await self._session.execute(upsert(materials).values(row).on_conflict_do_update(constraint="pk_materials", set_=row))

    async def put_result(self, case: Case, content: dict[str, Any]) -> None:
        await self._session.execute(update(cases).where(cases.c.id == case.id).values(result=self._seal(content)))

    async def values(self, case: Case) -> tuple[FieldValue, ...]:
        row = (await self._session.execute(select(cases.c.form).where(cases.c.id == case.id))).one()
        return tuple(FieldValue(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in self._open(row.form))

    async def applicant(self, case: Case) -> dict[str, str]:
        """`name`; of a person `resident_id` if there is one, `document_type` and `document_number`; of an organisation
        `credit_code`; and the `agent_name`. All as identity vouched for them at the submission."""
        row = (await self._session.execute(select(cases.c.applicant).where(cases.c.id == case.id))).one()
        found: dict[str, str] = self._open(row.applicant)
        return found

    async def result(self, case: Case) -> dict[str, Any] | None:
        """What the certificate of a grant says; none before a grant."""
        row = (await self._session.execute(select(cases.c.result).where(cases.c.id == case.id))).one()
        return self._open(row.result) if row.result else None

    async def materials(self, case: Case) -> list[CaseMaterial]:
        rows = await self._session.execute(select(materials).where(materials.c.case_id == case.id).order_by(materials.c.code))
        return [
            CaseMaterial(row.code, row.name, FileId(row.file_id) if row.file_id else None, self._copy(row.copy) if row.copy else None)
            for row in rows
        ]

    def _copy(self, sealed: bytes) -> CertificateCopy:
        said = self._open(sealed)
        return CertificateCopy(
            **{**said, "certificate_id": CertificateId(said["certificate_id"]), "identifier": CertificateIdentifier(said["identifier"])}
        )

    def _sealed_form(self, values: Sequence[FieldValue]) -> bytes:
        return self._seal([{**asdict(each), "at": each.at.isoformat()} for each in values])

    def _seal(self, value: Any) -> bytes:
        return self._sealer.seal(json.dumps(value, ensure_ascii=False))

    def _open(self, sealed: bytes) -> Any:
        return json.loads(self._sealer.open(sealed))

    async def _one(self, query: Select[Any], *, lock: bool) -> Case:
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NoSuchCase
        return case_of(row)


async def add_consent(
    session: WriteSession, consent_id: ConsentId, case: Case, certificate_id: CertificateId, purpose: str, *, at: datetime
) -> None:
    """A consent that was withdrawn and is given again holds again."""
    row = {
        "id": consent_id,
        "person_id": case.person,
        "certificate_id": certificate_id,
        "case_number": case.number,
        "purpose": purpose,
        "given_at": at,
    }
    again = {"purpose": purpose, "given_at": at, "withdrawn_at": None}
    statement = upsert(consents).values(row)
    was_withdrawn = consents.c.withdrawn_at.is_not(None)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again, where=was_withdrawn))


def case_of(row: Row[Any]) -> Case:
    notice = Notice(row.notice_text, tuple(row.notice_materials), tuple(row.notice_fields), row.notice_at) if row.notice_at else None
    return Case(
        id=CaseId(row.id),
        number=CaseNumber(row.number),
        applicant=_applicant(row),
        task_code=TaskCode(row.task_code),
        version=row.version,
        situation=row.situation,
        matter_name=row.matter_name,
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        division=DivisionCode(row.division),
        promised_working_days=row.promised_working_days,
        is_illustrative=row.is_illustrative,
        submitted_at=row.submitted_at,
        revision=row.revision,
        status=Status(row.status),
        certificate_type=CertificateTypeCode(row.certificate_type) if row.certificate_type else None,
        trace=row.trace,
        receiving_unit=row.receiving_unit,
        delivering_unit=row.delivering_unit,
        received_at=row.received_at,
        return_to=Status(row.return_to) if row.return_to else None,
        notice=notice,
        accepted_by=OfficerId(row.accepted_by) if row.accepted_by else None,
        accepted_at=row.accepted_at,
        is_deemed_accepted=row.is_deemed_accepted,
        suspensions=_SUSPENSIONS.validate_python(row.suspensions),
        extension=_EXTENSION.validate_python(row.extension),
        reviewed_by=OfficerId(row.reviewed_by) if row.reviewed_by else None,
        due=Due(row.due_on, row.is_due_provisional) if row.due_on else None,
        decided_by=OfficerId(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        reason=row.reason,
        closed_at=row.closed_at,
        archived_at=row.archived_at,
        certificate=CertificateIdentifier(row.certificate) if row.certificate else None,
    )


def _applicant(row: Row[Any]) -> Applicant:
    subject = PersonId(row.person_id) if row.person_id else OrganisationId(row.organisation_id)
    return Applicant(subject, PersonId.read(row.submitted_by), MandateId.read(row.mandate))


def _founding(case: Case) -> dict[str, Any]:
    """What never changes after the submission."""
    names = (
        "id", "number", "task_code", "version", "situation", "matter_name", "agency", "agency_name", "division",
        "promised_working_days", "is_illustrative", "certificate_type", "trace", "submitted_at",
    )  # fmt: skip
    applicant = case.applicant
    who = {
        "person_id": applicant.person,
        "organisation_id": applicant.organisation,
        "submitted_by": applicant.actor,
        "mandate": applicant.mandate,
    }
    return who | {name: getattr(case, name) for name in names}


def _state(case: Case) -> dict[str, Any]:
    notice = case.notice
    return {
        "revision": case.revision,
        "status": case.status.value,
        "receiving_unit": case.receiving_unit,
        "delivering_unit": case.delivering_unit,
        "received_at": case.received_at,
        "return_to": case.return_to.value if case.return_to else None,
        "notice_text": notice.text if notice else None,
        "notice_materials": list(notice.materials) if notice else None,
        "notice_fields": list(notice.fields) if notice else None,
        "notice_at": notice.requested_at if notice else None,
        "accepted_by": case.accepted_by,
        "accepted_at": case.accepted_at,
        "is_deemed_accepted": case.is_deemed_accepted,
        "suspensions": _SUSPENSIONS.dump_python(case.suspensions, mode="json"),
        "extension": _EXTENSION.dump_python(case.extension, mode="json") if case.extension else None,
        "reviewed_by": case.reviewed_by,
        "due_on": case.due.on if case.due else None,
        "is_due_provisional": case.due.is_provisional if case.due else None,
        "decided_by": case.decided_by,
        "decided_at": case.decided_at,
        "reason": case.reason,
        "closed_at": case.closed_at,
        "archived_at": case.archived_at,
        "certificate": case.certificate,
    }


def _numbers_of(applicant: Profile | OrganisationProfile) -> dict[str, str]:
    if isinstance(applicant, OrganisationProfile):
        return {"credit_code": applicant.credit_code.value}
    numbers = {"resident_id": applicant.resident_id.value} if applicant.resident_id else {}
    if applicant.document:
        numbers |= {"document_type": applicant.document.type, "document_number": applicant.document.number}
    return numbers
