"""A case as columns of its row, and back."""

from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row

from chassis.working_days import Due
from contracts.values import (
    CaseId,
    CaseNumber,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    DivisionCode,
    MandateId,
    OfficerId,
    OrganisationId,
    PersonId,
    TaskCode,
)
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, Citation, Course, Delivery, Extension, Hearing, IntakeRefusal, Notice, Suspension
from services.application.domain.lifecycle import Status
from services.application.domain.limits import Limits, Renewal
from services.application.tables import cases

# Members that are a column of JSON each.
_PARTS: Final[dict[str, TypeAdapter[Any]]] = {
    "limits": TypeAdapter(Limits),
    "renews": TypeAdapter(Renewal | None),
    "suspensions": TypeAdapter(tuple[Suspension, ...]),
    "extension": TypeAdapter(Extension | None),
    "intake_refusal": TypeAdapter(IntakeRefusal | None),
    "course": TypeAdapter(Course),
    "hearing": TypeAdapter(Hearing | None),
    "grounds": TypeAdapter(tuple[Citation, ...]),
    "delivery": TypeAdapter(Delivery | None),
}
_CITATIONS: Final = TypeAdapter(tuple[Citation, ...])
_SEALED: Final = frozenset({"applicant", "applicant_number", "applicant_key", "form", "result"})
# Whoever asks for cases does not fetch, or send over the wire, what is sealed in them.
CASE_COLUMNS = [column for column in cases.c if column.name not in _SEALED]


def case_of(row: Row[Any]) -> Case:
    """Out of a row that has `CASE_COLUMNS`."""
    parts: dict[str, Any] = {name: kind.validate_python(getattr(row, name)) for name, kind in _PARTS.items()}
    return Case(
        **parts,
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
        channel=row.channel,
        began_at=row.began_at,
        receiving_unit=row.receiving_unit,
        delivering_unit=row.delivering_unit,
        receiving_division=DivisionCode(row.receiving_division) if row.receiving_division else None,
        delivering_division=DivisionCode(row.delivering_division) if row.delivering_division else None,
        corrected_at=row.corrected_at,
        return_to=Status(row.return_to) if row.return_to else None,
        notice=_notice(row),
        accepted_by=OfficerId(row.accepted_by) if row.accepted_by else None,
        accepted_at=row.accepted_at,
        is_deemed_accepted=row.is_deemed_accepted,
        reviewed_by=OfficerId(row.reviewed_by) if row.reviewed_by else None,
        due=Due(row.due_on, row.is_due_provisional) if row.due_on else None,
        decided_by=OfficerId(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        reason=row.reason,
        closed_at=row.closed_at,
        terminated_for=row.terminated_for,
        archived_at=row.archived_at,
        retention=row.retention,
        certificate=CertificateIdentifier(row.certificate) if row.certificate else None,
    )


def _notice(row: Row[Any]) -> Notice | None:
    if row.notice_at is None:
        return None
    cited = _CITATIONS.validate_python(row.notice_citations)
    return Notice(row.notice_text, tuple(row.notice_materials), tuple(row.notice_fields), row.notice_at, cited)


def _applicant(row: Row[Any]) -> Applicant:
    subject = PersonId(row.person_id) if row.person_id else OrganisationId(row.organisation_id)
    return Applicant(subject, PersonId.read(row.submitted_by), MandateId.read(row.mandate))


def founding(case: Case) -> dict[str, Any]:
    """What never changes after the submission."""
    names = (
        "id", "number", "task_code", "version", "situation", "matter_name", "agency", "agency_name", "division",
        "promised_working_days", "is_illustrative", "certificate_type", "trace", "channel", "began_at", "submitted_at",
    )  # fmt: skip
    applicant = case.applicant
    who = {
        "organisation_id": applicant.organisation,
        "submitted_by": applicant.actor,
        "mandate": applicant.mandate,
    }
    return who | {name: getattr(case, name) for name in names}


def state(case: Case) -> dict[str, Any]:
    """What any move may change."""
    notice = case.notice
    parts = {name: kind.dump_python(getattr(case, name), mode="json") for name, kind in _PARTS.items()}
    return parts | {
        "person_id": case.applicant.person,
        "revision": case.revision,
        "status": case.status.value,
        "receiving_unit": case.receiving_unit,
        "delivering_unit": case.delivering_unit,
        "receiving_division": case.receiving_division,
        "delivering_division": case.delivering_division,
        "corrected_at": case.corrected_at,
        "return_to": case.return_to.value if case.return_to else None,
        "notice_text": notice.text if notice else None,
        "notice_materials": list(notice.materials) if notice else None,
        "notice_fields": list(notice.fields) if notice else None,
        "notice_at": notice.requested_at if notice else None,
        "notice_citations": _CITATIONS.dump_python(notice.citations, mode="json") if notice else [],
        "accepted_by": case.accepted_by,
        "accepted_at": case.accepted_at,
        "is_deemed_accepted": case.is_deemed_accepted,
        "reviewed_by": case.reviewed_by,
        "due_on": case.due.on if case.due else None,
        "is_due_provisional": case.due.is_provisional if case.due else None,
        "decided_by": case.decided_by,
        "decided_at": case.decided_at,
        "reason": case.reason,
        "closed_at": case.closed_at,
        "terminated_for": case.terminated_for,
        "archived_at": case.archived_at,
        "retention": case.retention,
        "certificate": case.certificate,
    }
