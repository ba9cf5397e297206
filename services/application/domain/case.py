"""The life of a case 办件: a table of what may follow what, and pure steps along it.

Source: 行政许可法 Art. 32 (one complete notice), 38 (reasons), 42 and 82 (working days); 受办分离.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
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


class NotAHandler(Forbidden):
    problem = problems.NOT_A_HANDLER


class Status(StrEnum):
    SUBMITTED = "submitted"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    CLOSED = "closed"


OPEN: Final = frozenset({Status.SUBMITTED, Status.CORRECTION, Status.ACCEPTED})
"""The statuses of a case that nobody has decided."""


class Act(StrEnum):
    """What happens to a case. Its value is the `event` of the step it leaves in the history."""

    SUBMIT = "submitted"
    DISPATCH = "dispatched"
    REQUEST_CORRECTION = "correction_requested"
    CORRECT = "corrected"
    ACCEPT = "accepted"
    GRANT = "granted"
    REFUSE = "refused"
    CLOSE = "closed"
    WITHDRAW_CONSENT = "consent_withdrawn"

    @property
    def zh(self) -> str:
        return _TEXTS[self][0]

    @property
    def en(self) -> str:
        return _TEXTS[self][1]


_TEXTS: Final = {
    Act.SUBMIT: ("已申报", "Submitted"),
    Act.DISPATCH: ("已派发承办单位", "Dispatched to the agency"),
    Act.REQUEST_CORRECTION: ("一次性告知补正", "Correction requested, once and completely"),
    Act.CORRECT: ("已补正", "Corrected"),
    Act.ACCEPT: ("已受理", "Accepted"),
    Act.GRANT: ("准予", "Granted"),
    Act.REFUSE: ("不予", "Refused"),
    Act.CLOSE: ("已办结", "Closed"),
    Act.WITHDRAW_CONSENT: ("已撤回用证同意", "Consent to the use of a certificate withdrawn"),
}

# Act → from which statuses → to which, and how the wrong status is refused. An act that is not here changes no status.
_TRANSITIONS: Final[dict[Act, tuple[frozenset[Status], Status, type[Conflict]]]] = {
    Act.REQUEST_CORRECTION: (frozenset({Status.SUBMITTED}), Status.CORRECTION, CaseNotAwaitingIntake),
    Act.CORRECT: (frozenset({Status.CORRECTION}), Status.SUBMITTED, CaseNotAwaitingCorrection),
    Act.ACCEPT: (frozenset({Status.SUBMITTED}), Status.ACCEPTED, CaseNotAwaitingIntake),
    Act.GRANT: (frozenset({Status.ACCEPTED}), Status.GRANTED, CaseNotAwaitingDecision),
    Act.REFUSE: (frozenset({Status.ACCEPTED}), Status.REFUSED, CaseNotAwaitingDecision),
    Act.CLOSE: (frozenset({Status.GRANTED, Status.REFUSED}), Status.CLOSED, CaseNotGranted),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that is to be supplied, told once."""

    text: str
    materials: tuple[str, ...]
    fields: tuple[str, ...]
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases a handler may see: those of a division, or those of one agency."""

    division: DivisionCode | None = None
    agency: CreditCode | None = None


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
    status: Status = Status.SUBMITTED
    certificate_type: CertificateTypeCode | None = None
    situation: str | None = None
    trace: str | None = None
    notice: Notice | None = None
    accepted_by: OfficerId | None = None
    accepted_at: datetime | None = None
    due: Due | None = None
    decided_by: OfficerId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    certificate: CertificateIdentifier | None = None

    def request_correction(self, notice: Notice) -> "Case":
        moved = self._moved(Act.REQUEST_CORRECTION)
        if self.notice is not None:
            raise CorrectionWasRequested
        return replace(moved, notice=notice)

    def correct(self) -> "Case":
        return self._moved(Act.CORRECT)

    def accept(self, *, by: OfficerId, at: datetime, calendar: WorkingDays) -> "Case":
        """The promise counts from the working day after acceptance."""
        due = calendar.after(local_day(at), self.promised_working_days)
        return replace(self._moved(Act.ACCEPT), accepted_by=by, accepted_at=at, due=due)

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
        allowed, target, refusal = _TRANSITIONS[act]
        if self.status not in allowed:
            raise refusal(f"the case is {self.status}", status=self.status.value)
        return replace(self, status=target)
