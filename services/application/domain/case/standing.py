"""How a case 办件 stands: what is known of it, what follows from that, and where it may go. ADR-0045."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from chassis.working_days import Due
from contracts.api.catalogue import Channel
from contracts.values import (
    CaseId,
    CaseNumber,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    DivisionCode,
    OfficerId,
    PersonId,
    TaskCode,
)
from services.application.domain.applicant import Applicant
from services.application.domain.case import refusals
from services.application.domain.case.hearing import Hearing
from services.application.domain.case.parts import (
    Cause,
    Citation,
    Course,
    Delivery,
    Extension,
    IntakeRefusal,
    Notice,
    Retention,
    Suspension,
)
from services.application.domain.lifecycle import RULES, Act, Status
from services.application.domain.limits import NO_LIMITS, Limits, Renewal

_NOTHING_YET: Final = Course()
_GRANTED: Final = frozenset({Status.GRANTED, Status.PRODUCING})


@dataclass(frozen=True, slots=True)
class Standing:
    """`trace` is the trace context of the submission, which every event about the case carries on. `reviewed_by` is who began its
    review, where that was not whoever decides it; `grounds` is what a refusal cites. `channel` is by which way it came in; filling it
    in took from `began_at`, where a draft tells."""

    id: CaseId
    number: CaseNumber
    applicant: Applicant
    task_code: TaskCode
    version: int
    matter_name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    promised_working_days: int
    is_illustrative: bool
    submitted_at: datetime
    revision: int = 1
    status: Status = Status.SUBMITTED
    certificate_type: CertificateTypeCode | None = None
    situation: str | None = None
    trace: str | None = None
    channel: Channel = "pc"
    began_at: datetime | None = None
    receiving_unit: str | None = None
    delivering_unit: str | None = None
    receiving_division: DivisionCode | None = None
    delivering_division: DivisionCode | None = None
    corrected_at: datetime | None = None
    return_to: Status | None = None
    notice: Notice | None = None
    intake_refusal: IntakeRefusal | None = None
    accepted_by: OfficerId | None = None
    accepted_at: datetime | None = None
    is_deemed_accepted: bool = False
    due: Due | None = None
    suspensions: tuple[Suspension, ...] = ()
    extension: Extension | None = None
    limits: Limits = NO_LIMITS
    renews: Renewal | None = None
    reviewed_by: OfficerId | None = None
    course: Course = _NOTHING_YET
    hearing: Hearing | None = None
    decided_by: OfficerId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    grounds: tuple[Citation, ...] = ()
    delivery: Delivery | None = None
    closed_at: datetime | None = None
    terminated_for: Cause | None = None
    archived_at: datetime | None = None
    retention: Retention | None = None
    certificate: CertificateIdentifier | None = None

    def check_revision(self, read: int | None) -> None:
        """`read` is what an officer acts on, if they say it. Raises CaseHasChanged."""
        if read is not None and read != self.revision:
            raise refusals.CaseHasChanged(revision=self.revision)

    @property
    def asked(self) -> Notice | None:
        """What the applicant was asked for last."""
        return self.course.returns[-1] if self.course.returns else self.notice

    def has_earned(self, certificate: CertificateIdentifier) -> bool:
        return self.certificate == certificate

    @property
    def person(self) -> PersonId:
        """The natural person to turn to: who applied or, for an organisation, submitted."""
        person = self.applicant.person or self.applicant.actor
        assert person is not None
        return person

    @property
    def awaits_certificate(self) -> bool:
        """What was granted earns one, and it is not there."""
        return self.status in _GRANTED and self.certificate_type is not None and self.certificate is None

    def _with(self, act: Act, course: Course) -> Self:
        return replace(self._moved(act), course=course)

    def _moved(self, act: Act) -> Self:
        rule = RULES[act]
        if self.status not in rule.sources:
            raise refusals.REFUSALS.get(act, refusals.ActNotPossible)(f"the case is {self.status}", case_status=self.status.value)
        return replace(self, status=rule.to or self.status, revision=self.revision + 1)
