"""A case 办件 and its pure steps along `lifecycle.RULES`: each answers the case as it is afterwards.

Source: 行政许可法 Art. 32 (one complete notice), 38 (reasons), 42, 45 and 82 (working days), 47 (hearing); 受办分离. ADR-0045.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chassis.working_days import WorkingDays, local_day
from contracts.values import CertificateIdentifier, OfficerId, PersonId
from services.application.domain.case import refusals
from services.application.domain.case.hearing import Chair, Hearing
from services.application.domain.case.parts import (
    SURVEYED_BY_AT_LEAST,
    AskedFee,
    Cause,
    Citation,
    Delivery,
    Extension,
    Inside,
    IntakeRefusal,
    Notice,
    Procedure,
    Retention,
    ReviewStep,
    Suspension,
)
from services.application.domain.case.standing import Standing
from services.application.domain.lifecycle import Act, Status


@dataclass(frozen=True, slots=True)
class Case(Standing):
    """Each step answers the case as it is afterwards, or refuses."""

    def begin_prereview(self) -> "Case":
        return self._moved(Act.BEGIN_PREREVIEW)

    def request_correction(self, notice: Notice) -> "Case":
        """Once, whatever became of the case since. Raises CorrectionWasRequested."""
        if self.notice is not None:
            raise refusals.CorrectionWasRequested
        return replace(self._moved(Act.REQUEST_CORRECTION), notice=notice, return_to=self.status)

    def correct(self, *, fields: frozenset[str] = frozenset(), materials: frozenset[str] = frozenset()) -> "Case":
        """回退直达: straight back to the step that asked; of those before it, what depends on the changed `fields` and `materials`
        is done again."""
        moved = self._with(Act.CORRECT, self.course.reopened(fields, materials))
        return replace(moved, status=self.return_to or moved.status, return_to=None)

    def accept(self, *, by: OfficerId | None, at: datetime, calendar: WorkingDays) -> "Case":
        """The promise counts from the working day after acceptance. `by` is None where no officer looked."""
        due = calendar.after(local_day(at), self.promised_working_days)
        return replace(self._moved(Act.ACCEPT), accepted_by=by, accepted_at=at, due=due)

    def deem_accepted(self, *, received_at: datetime, calendar: WorkingDays) -> "Case":
        """Not told in time: accepted from the day of receipt."""
        due = calendar.after(local_day(received_at), self.promised_working_days)
        return replace(self._moved(Act.DEEM_ACCEPTED), accepted_at=received_at, is_deemed_accepted=True, due=due)

    def refuse_intake(self, refusal: IntakeRefusal, *, reason: str, at: datetime, grounds: tuple[Citation, ...] = ()) -> "Case":
        return replace(self._moved(Act.REFUSE_INTAKE), intake_refusal=refusal, reason=reason, grounds=grounds, closed_at=at)

    def begin_review(self, *, by: OfficerId | None = None) -> "Case":
        return replace(self._moved(Act.BEGIN_REVIEW), reviewed_by=by)

    def under_review(self) -> "Case":
        """Whoever decides a case that nobody has begun to review reviews it on the spot."""
        return self.begin_review() if self.status is Status.ACCEPTED else self

    def conclude_step(self, step: ReviewStep) -> "Case":
        """The opinion of a step; a later one of the same step takes its place."""
        return self._with(Act.CONCLUDE_STEP, self.course.concluded(step))

    def return_for_correction(self, notice: Notice) -> "Case":
        """A step of the review asks the applicant, once; the answer comes back to it. Raises StepHasReturned."""
        return replace(self._with(Act.RETURN, self.course.returned(notice)), return_to=self.status)

    def begin_procedure(self, procedure: Procedure) -> "Case":
        """Inside the term: the clock goes on. Raises ProcedureRuns."""
        return self._with(Act.BEGIN_PROCEDURE, self.course.begun(procedure))

    def end_procedure(self, kind: str, *, at: datetime, outcome: str, officers: tuple[OfficerId, ...]) -> "Case":
        """Raises ActNotPossible where no such procedure runs, SurveyNeedsTwo."""
        if kind == Inside.SURVEY and len(set(officers)) < SURVEYED_BY_AT_LEAST:
            raise refusals.SurveyNeedsTwo
        running = self.course.running(kind)
        if running is None:
            raise refusals.ActNotPossible("no such procedure runs", case_status=self.status.value)
        return self._with(Act.END_PROCEDURE, self.course.ended(running, at=at, outcome=outcome, officers=officers))

    def suspend(self, suspension: Suspension) -> "Case":
        return replace(self._moved(Act.SUSPEND), suspensions=(*self.suspensions, suspension))

    def resume(self, *, at: datetime, outcome: str | None = None) -> "Case":
        moved = self._moved(Act.RESUME)
        *earlier, running = self.suspensions
        return replace(moved, suspensions=(*earlier, replace(running, until=at, outcome=outcome)))

    def offer_hearing(self, *, at: datetime, calendar: WorkingDays, about: str | None = None) -> "Case":
        """Raises ActNotPossible when the applicant was told before."""
        moved = self._moved(Act.OFFER_HEARING)
        if self.hearing:
            raise refusals.ActNotPossible("the applicant was told of the hearing", case_status=self.status.value)
        return replace(moved, hearing=Hearing.told(at=at, calendar=calendar, about=about))

    def request_hearing(self, *, at: datetime, calendar: WorkingDays) -> "Case":
        """Raises NoHearingToAskFor, HearingAskedTooLate."""
        return replace(self._moved(Act.REQUEST_HEARING), hearing=self._told_of().asked(at=at, calendar=calendar))

    def announce_hearing(self, *, opens_at: datetime, place: str, chair: Chair | None, at: datetime, calendar: WorkingDays) -> "Case":
        """Raises NoHearingToAskFor, HearingTimeNotPossible, ReviewerMayNotChair."""
        moved = self._moved(Act.ANNOUNCE_HEARING)
        announced = self._told_of().announced(opens_at=opens_at, place=place, chair=chair, at=at, calendar=calendar)
        self._check_chair(announced)
        return replace(moved, hearing=announced)

    def hold_hearing(self, *, at: datetime, outcome: str) -> "Case":
        """Raises NoHearingToAskFor, HearingNotAnnounced, and ReviewerMayNotChair of a chair who has reviewed the case since."""
        moved = self._moved(Act.HOLD_HEARING)
        held = self._told_of().held(at=at, outcome=outcome)
        self._check_chair(held)
        return replace(moved, hearing=held)

    def ask_fee(self, fee: AskedFee) -> "Case":
        """Raises FeeIsAsked."""
        return self._with(Act.ASK_FEE, self.course.charged(fee))

    def extend_supply(self, until: date) -> "Case":
        """What did not follow in time may follow later, once. Raises SupplyWasExtended."""
        return self._with(Act.EXTEND_SUPPLY, self.course.supplied_by(until))

    def deem_renewed(self, *, at: datetime) -> "Case":
        """What the case renews counts as renewed from `at` on; it stays open until somebody decides. Raises ActNotPossible."""
        moved = self._moved(Act.DEEM_RENEWED)
        if self.renews is None or self.renews.renewed_at:
            raise refusals.ActNotPossible("there is nothing to renew", case_status=self.status.value)
        return replace(moved, renews=replace(self.renews, renewed_at=at))

    def extend(self, extension: Extension, *, calendar: WorkingDays) -> "Case":
        """Raises WasExtended."""
        moved = self._moved(Act.EXTEND)
        if self.extension is not None:
            raise refusals.WasExtended
        due = calendar.after(self.due.on, extension.working_days) if self.due else None
        return replace(moved, extension=extension, due=due)

    def grant(self, *, by: OfficerId | None, at: datetime, reason: str | None) -> "Case":
        return self._decided(Act.GRANT, by, at, reason)

    def refuse(self, *, by: OfficerId, at: datetime, reason: str | None, grounds: tuple[Citation, ...] = ()) -> "Case":
        return replace(self._decided(Act.REFUSE, by, at, reason), grounds=grounds)

    def _check_chair(self, hearing: Hearing) -> None:
        if hearing.chair and hearing.chair.officer in {self.reviewed_by, *self.course.reviewers}:
            raise refusals.ReviewerMayNotChair

    def _decided(self, act: Act, by: OfficerId | None, at: datetime, reason: str | None) -> "Case":
        moved = self._moved(act)
        if by and by == self.accepted_by:
            raise refusals.SameOfficerMayNotDecide
        if by and by in {self.reviewed_by, *self.course.reviewers}:
            raise refusals.ReviewerMayNotDecide
        self.course.check_complete()
        if self.hearing and self.hearing.is_pending(local_day(at)):
            raise refusals.HearingIsPending
        return replace(moved, decided_by=by, decided_at=at, reason=reason)

    def produce(self) -> "Case":
        return self._moved(Act.PRODUCE)

    def issue(self, certificate: CertificateIdentifier) -> "Case":
        """What is to be handed out on paper exists."""
        return replace(self._moved(Act.ISSUE), certificate=certificate)

    def deliver(self, delivery: Delivery) -> "Case":
        """Raises ResultIsAwaited."""
        moved = self._moved(Act.DELIVER)
        if self.awaits_certificate:
            raise refusals.ResultIsAwaited
        return replace(moved, delivery=delivery)

    def close(self, *, at: datetime, certificate: CertificateIdentifier | None = None, handed_out_by: str | None = None) -> "Case":
        """The results are with the applicant, from the delivering unit if one handed them out: nothing more will happen.

        Raises ResultIsAwaited.
        """
        moved = self._moved(Act.CLOSE)
        if self.awaits_certificate and certificate is None:
            raise refusals.ResultIsAwaited
        return replace(
            moved, closed_at=at, certificate=certificate or self.certificate, delivering_unit=handed_out_by or self.delivering_unit
        )

    def withdraw(self, *, at: datetime) -> "Case":
        return replace(self._moved(Act.WITHDRAW), closed_at=at)

    def terminate(self, cause: Cause, *, reason: str, at: datetime) -> "Case":
        """Raises ActNotPossible for an overtime that is none."""
        moved = self._moved(Act.TERMINATE)
        if cause == "correction_timeout" and self.status is not Status.CORRECTION:
            raise refusals.ActNotPossible(f"the case is {self.status}", case_status=self.status.value)
        return replace(moved, reason=reason, terminated_for=cause, closed_at=at)

    def archive(self, retention: Retention, *, at: datetime) -> "Case":
        return replace(self._moved(Act.ARCHIVE), retention=retention, archived_at=at)

    def owned_by(self, person: PersonId) -> "Case":
        """After a merge of accounts."""
        return replace(self._moved(Act.CHANGE_OWNER), applicant=replace(self.applicant, subject=person))

    def recounted(self) -> "Case":
        """The calendar changed: its terms end on other days."""
        return self._moved(Act.RECOUNT)

    def permit_amended(self, act: Act) -> "Case":
        """What was granted is changed or revoked; that it was granted, whoever asks looks up."""
        return self._moved(act)

    def _told_of(self) -> Hearing:
        if self.hearing is None:
            raise refusals.NoHearingToAskFor
        return self.hearing
