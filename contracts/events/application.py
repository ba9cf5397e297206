"""The life of a case 办件, as the mesh hears of it. Every event is ordered by the case's number."""

from typing import ClassVar, Literal

from contracts.events import Event
from contracts.strict import Day, Instant
from contracts.values import (
    CaseId,
    CaseNumber,
    CertificateIdentifier,
    CertificateTypeCode,
    CreditCode,
    DivisionCode,
    OfficerId,
    OrganisationId,
    PersonId,
    TaskCode,
)


class CaseSubmitted(Event):
    """`person_id` applies; where `organisation_id` applies, it is the person who submitted for it."""

    TYPE: ClassVar[str] = "case.submitted"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    case_id: CaseId
    number: CaseNumber
    person_id: PersonId
    task_code: TaskCode
    division: DivisionCode
    agency: CreditCode
    submitted_at: Instant
    organisation_id: OrganisationId | None = None

    def key(self) -> str:
        return self.number


class CaseCorrectionRequested(Event):
    TYPE: ClassVar[str] = "case.correction_requested"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    agency: CreditCode
    requested_by: OfficerId

    def key(self) -> str:
        return self.number


class CaseCorrected(Event):
    TYPE: ClassVar[str] = "case.corrected"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    division: DivisionCode
    agency: CreditCode

    def key(self) -> str:
        return self.number


class CaseAccepted(Event):
    TYPE: ClassVar[str] = "case.accepted"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    accepted_by: OfficerId
    accepted_at: Instant

    def key(self) -> str:
        return self.number


class CaseGranted(Event):
    """`certificate_type` is what the grant earns, if it earns one; the holder is `organisation_id` where it applied."""

    TYPE: ClassVar[str] = "case.granted"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    task_code: TaskCode
    agency: CreditCode
    division: DivisionCode
    decided_by: OfficerId
    decided_at: Instant
    certificate_type: CertificateTypeCode | None = None
    organisation_id: OrganisationId | None = None

    def key(self) -> str:
        return self.number


class CaseRefused(Event):
    TYPE: ClassVar[str] = "case.refused"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    task_code: TaskCode
    agency: CreditCode
    decided_by: OfficerId
    decided_at: Instant

    def key(self) -> str:
        return self.number


class CaseNotAccepted(Event):
    """不予受理: it ends before anything was promised. `kind` is why, `right_agency` who would be the right one, where it is known.

    Source: 行政许可法 Art. 32(1), 32(2).
    """

    TYPE: ClassVar[str] = "case.not_accepted"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    task_code: TaskCode
    agency: CreditCode
    division: DivisionCode
    kind: str
    ended_at: Instant
    right_agency: CreditCode | None = None

    def key(self) -> str:
        return self.number


class CaseWithdrawn(Event):
    """撤回, by its applicant or whoever acts for them: nobody will decide it."""

    TYPE: ClassVar[str] = "case.withdrawn"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    task_code: TaskCode
    agency: CreditCode
    division: DivisionCode
    ended_at: Instant

    def key(self) -> str:
        return self.number


class CaseTerminated(Event):
    """终止, without a decision. Why, which may be a death, is with the case."""

    TYPE: ClassVar[str] = "case.terminated"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    task_code: TaskCode
    agency: CreditCode
    division: DivisionCode
    ended_at: Instant

    def key(self) -> str:
        return self.number


class CaseClosed(Event):
    """办结: the results exist; the case may be rated by `person_id`, who applied or, for an organisation, submitted."""

    TYPE: ClassVar[str] = "case.closed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    person_id: PersonId
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    accepted_by: OfficerId
    decided_by: OfficerId
    closed_at: Instant
    certificate: CertificateIdentifier | None = None
    organisation_id: OrganisationId | None = None

    def key(self) -> str:
        return self.number


class CaseRenewalDeemed(Event):
    """视为准予延续: no decision came before the last day of the certificate. Source: 行政许可法 Art. 50."""

    TYPE: ClassVar[str] = "case.renewal_deemed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    agency: CreditCode
    certificate: CertificateIdentifier
    renewed_from: Day

    def key(self) -> str:
        return self.number


class CasePermitChanged(Event):
    """变更 of what was granted, after which the case is at `revision`.

    `certificate_type` is that of the certificate that has to say it otherwise; none where what it says stays.
    """

    TYPE: ClassVar[str] = "case.permit_changed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    agency: CreditCode
    revision: int
    changed_at: Instant
    certificate_type: CertificateTypeCode | None = None
    organisation_id: OrganisationId | None = None

    def key(self) -> str:
        return self.number


class CasePermitEnded(Event):
    """What was granted holds no more: 撤销, it should not have been granted; 撤回, the public interest asks for it; 注销, it is over.

    Source: 行政许可法 Art. 8, 69, 70.
    """

    TYPE: ClassVar[str] = "case.permit_ended"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("application",)

    number: CaseNumber
    agency: CreditCode
    kind: Literal["revocation", "withdrawal", "cancellation"]
    ended_at: Instant

    def key(self) -> str:
        return self.number
