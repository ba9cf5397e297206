"""A case 办件 and its pure steps along `lifecycle.RULES`: each answers the case as it is afterwards.

Source: 行政许可法 Art. 32 (one complete notice), 38 (reasons), 42, 45 and 82 (working days); 受办分离. ADR-0045.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from chassis.errors import Conflict, Forbidden, NotFound
from chassis.working_days import Due, WorkingDays, local_day
from contracts.problems import application as problems
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
from services.application.domain.lifecycle import RULES, Act, Status


class NoSuchCase(NotFound):
    problem = problems.CASE_NOT_FOUND


class NoSuchConsent(NotFound):
    """Missing and foreign alike."""


class CaseNotAwaitingIntake(Conflict):
    problem = problems.NOT_AWAITING_INTAKE


class CaseNotAwaitingCorrection(Conflict):
    problem = problems.NOT_AWAITING_CORRECTION


class CaseNotAwaitingDecision(Conflict):
    problem = problems.NOT_AWAITING_DECISION


class CaseNotGranted(Conflict):
    problem = problems.CASE_NOT_GRANTED


class CorrectionWasRequested(Conflict):
    problem = problems.ALREADY_NOTIFIED


class SameOfficerMayNotDecide(Conflict):
    problem = problems.SAME_OFFICER_MAY_NOT_DECIDE


class CaseHasChanged(Conflict):
    """Somebody moved the case since it was read; `revision` is what it is now, where that is known."""

    problem = problems.CASE_HAS_CHANGED


class ActNotPossible(Conflict):
    """The case is in a `status` that the act does not start from."""

    problem = problems.ACT_NOT_POSSIBLE


class NotAHandler(Forbidden):
    problem = problems.NOT_A_HANDLER


# How the wrong status is refused.
_REFUSALS: Final[dict[Act, type[Conflict]]] = {
    Act.BEGIN_PREREVIEW: CaseNotAwaitingIntake,
    Act.REQUEST_CORRECTION: CaseNotAwaitingIntake,
    Act.CORRECT: CaseNotAwaitingCorrection,
    Act.ACCEPT: CaseNotAwaitingIntake,
    Act.DEEM_ACCEPTED: CaseNotAwaitingIntake,
    Act.REFUSE_INTAKE: CaseNotAwaitingIntake,
    Act.BEGIN_REVIEW: CaseNotAwaitingDecision,
    Act.GRANT: CaseNotAwaitingDecision,
    Act.REFUSE: CaseNotAwaitingDecision,
    Act.CLOSE: CaseNotGranted,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that is to be supplied, told once."""

    text: str
    materials: tuple[str, ...]
    fields: tuple[str, ...]
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Suspension:
    """特别程序: while it runs the clock stands, from the day of `since` to that of `until`. Source: 行政许可法 Art. 45."""

    procedure: str
    reason: str
    since: datetime
    expected_days: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """The one extension of the term, by the head of the agency. Source: 行政许可法 Art. 42."""

    working_days: int
    reason: str
    by: OfficerId
    at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """A published limit of a step 环节 or of a procedure that runs inside the term, in working days."""

    name: str
    working_days: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What the clock needs of the published version, kept as it was at the submission."""

    statutory_working_days: int | None = None
    steps: tuple[Limit, ...] = ()
    procedures: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Hearing:
    """听证: told of, asked for by the applicant, held. Source: 行政许可法 Art. 47."""

    told_at: datetime
    asked_at: datetime | None = None
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """延续: the certificate that the case renews, and its last day. Source: 行政许可法 Art. 50."""

    certificate: CertificateIdentifier
    expires_on: date


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases a handler may see: those of a division, or those of one agency; an officer's `matters` (basic codes), if limited."""

    division: DivisionCode | None = None
    agency: CreditCode | None = None
    matters: frozenset[str] | None = None

    @property
    def unit(self) -> str:
        """The one of the two that it is."""
        return self.division or self.agency or ""


@dataclass(frozen=True, slots=True)
class Case:
    """`trace` is the trace context of the submission, which every event about the case carries on."""

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
    receiving_unit: str | None = None
    delivering_unit: str | None = None
    received_at: datetime | None = None
    corrected_at: datetime | None = None
    return_to: Status | None = None
    notice: Notice | None = None
    accepted_by: OfficerId | None = None
    accepted_at: datetime | None = None
    is_deemed_accepted: bool = False
    due: Due | None = None
    suspensions: tuple[Suspension, ...] = ()
    extension: Extension | None = None
    limits: Limits = Limits()
    hearing: Hearing | None = None
    renews: Renewal | None = None
    reviewed_by: OfficerId | None = None
    decided_by: OfficerId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    archived_at: datetime | None = None
    certificate: CertificateIdentifier | None = None

    def check_revision(self, read: int | None) -> None:
        """`read` is the revision that an officer acts on, if they say it. Raises CaseHasChanged."""
        if read is not None and read != self.revision:
            raise CaseHasChanged(revision=self.revision)

    def begin_prereview(self) -> "Case":
        return self._moved(Act.BEGIN_PREREVIEW)

    def request_correction(self, notice: Notice) -> "Case":
        moved = self._moved(Act.REQUEST_CORRECTION)
        if self.notice is not None:
            raise CorrectionWasRequested
        return replace(moved, notice=notice, return_to=self.status)

    def correct(self) -> "Case":
        """回退直达: straight back to the step that asked."""
        moved = self._moved(Act.CORRECT)
        return replace(moved, status=self.return_to or moved.status, return_to=None)

    def accept(self, *, by: OfficerId, at: datetime, calendar: WorkingDays) -> "Case":
        """The promise counts from the working day after acceptance."""
        due = calendar.after(local_day(at), self.promised_working_days)
        return replace(self._moved(Act.ACCEPT), accepted_by=by, accepted_at=at, due=due)

    def begin_review(self) -> "Case":
        return self._moved(Act.BEGIN_REVIEW)

    def under_review(self) -> "Case":
        """Whoever decides a case that nobody has begun to review reviews it on the spot."""
        return self.begin_review() if self.status is Status.ACCEPTED else self

    def refuse_intake(self, *, reason: str) -> "Case":
        return replace(self._moved(Act.REFUSE_INTAKE), reason=reason)

    def suspend(self, suspension: Suspension) -> "Case":
        return replace(self._moved(Act.SUSPEND), suspensions=(*self.suspensions, suspension))

    def resume(self, *, at: datetime) -> "Case":
        *earlier, running = self.suspensions
        return replace(self._moved(Act.RESUME), suspensions=(*earlier, replace(running, until=at)))

    def withdraw(self, *, at: datetime) -> "Case":
        return replace(self._moved(Act.WITHDRAW), closed_at=at)

    def terminate(self, *, reason: str, at: datetime) -> "Case":
        return replace(self._moved(Act.TERMINATE), reason=reason, closed_at=at)

    def archive(self, *, at: datetime) -> "Case":
        return replace(self._moved(Act.ARCHIVE), archived_at=at)

    def grant(self, *, by: OfficerId, at: datetime, reason: str | None) -> "Case":
        return self._decided(Act.GRANT, by, at, reason)

    def refuse(self, *, by: OfficerId, at: datetime, reason: str | None) -> "Case":
        return self._decided(Act.REFUSE, by, at, reason)

    def close(self, *, at: datetime, certificate: CertificateIdentifier | None = None) -> "Case":
        """The results exist: nothing more will happen."""
        return replace(self._moved(Act.CLOSE), closed_at=at, certificate=certificate)

    def is_closed_with(self, certificate: CertificateIdentifier) -> bool:
        return self.status is Status.CLOSED and self.certificate == certificate

    @property
    def person(self) -> PersonId:
        """The natural person to turn to: who applied or, for an organisation, submitted."""
        person = self.applicant.person or self.applicant.actor
        assert person is not None
        return person

    @property
    def awaits_certificate(self) -> bool:
        return self.status is Status.GRANTED and self.certificate_type is not None

    def _decided(self, act: Act, by: OfficerId, at: datetime, reason: str | None) -> "Case":
        moved = self._moved(act)
        if by == self.accepted_by:
            raise SameOfficerMayNotDecide
        return replace(moved, decided_by=by, decided_at=at, reason=reason)

    def _moved(self, act: Act) -> "Case":
        rule = RULES[act]
        if self.status not in rule.sources:
            raise _REFUSALS.get(act, ActNotPossible)(f"the case is {self.status}", status=self.status.value)
        return replace(self, status=rule.to or self.status, revision=self.revision + 1)
