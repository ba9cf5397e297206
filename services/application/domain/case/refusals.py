"""How a step that may not be taken is refused."""

from typing import Final

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.problems import application as problems
from services.application.domain.lifecycle import RULES, Act, Actor


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
    """The case is in a `case_status` that the act does not start from."""

    problem = problems.ACT_NOT_POSSIBLE


class NotAHandler(Forbidden):
    problem = problems.NOT_A_HANDLER


class NotInThisRole(Forbidden):
    """The act is not one of this `role`."""

    problem = problems.NOT_IN_THIS_ROLE


class ReviewerMayNotDecide(Conflict):
    """Whoever reviewed the case does not decide it."""

    problem = problems.REVIEWER_MAY_NOT_DECIDE


class ReviewerMayNotChair(Conflict):
    """Whoever reviewed the case does not chair its hearing. Source: 行政许可法 Art. 48(3)."""

    problem = problems.REVIEWER_MAY_NOT_CHAIR


class WasExtended(Conflict):
    problem = problems.ALREADY_EXTENDED


class StepHasReturned(Conflict):
    """A step of the review asks the applicant once."""

    problem = problems.STEP_HAS_RETURNED


class StepsRemain(Conflict):
    """`steps` depend on what the applicant changed and have to be done again."""

    problem = problems.STEPS_REMAIN


class SurveyNeedsTwo(Conflict):
    problem = problems.SURVEY_NEEDS_TWO


class ProcedureRuns(Conflict):
    problem = problems.PROCEDURE_RUNS


class NobodyActsInIt(Conflict):
    problem = problems.NOBODY_ACTS_IN_IT


class ResultIsAwaited(Conflict):
    problem = problems.RESULT_IS_AWAITED


class HearingIsPending(Conflict):
    """The applicant may still ask for the hearing, or has asked for it and it was not held."""

    problem = problems.HEARING_IS_PENDING


class NoHearingToAskFor(Conflict):
    problem = problems.NO_HEARING_TO_ASK_FOR


class HearingAskedTooLate(Conflict):
    """`until` was the last day."""

    problem = problems.HEARING_ASKED_TOO_LATE


class HearingTimeNotPossible(Invalid):
    """It can be held from the day `earliest` to the day `latest`."""

    problem = problems.HEARING_TIME_NOT_POSSIBLE


class HearingNotAnnounced(Conflict):
    """A hearing is held when and where the applicant was told."""

    problem = problems.HEARING_NOT_ANNOUNCED


class FeeIsAsked(Conflict):
    """A published fee is asked once a case."""

    problem = problems.FEE_ALREADY_ASKED


class SupplyWasExtended(Conflict):
    problem = problems.SUPPLY_ALREADY_EXTENDED


class BeyondTheGuide(Invalid):
    """`errors` names each citation that the case's version does not hold."""

    problem = problems.BEYOND_THE_GUIDE


# How the wrong status is refused.
REFUSALS: Final[dict[Act, type[Conflict]]] = {
    Act.BEGIN_PREREVIEW: CaseNotAwaitingIntake,
    Act.REQUEST_CORRECTION: CaseNotAwaitingIntake,
    Act.CORRECT: CaseNotAwaitingCorrection,
    Act.ACCEPT: CaseNotAwaitingIntake,
    Act.DEEM_ACCEPTED: CaseNotAwaitingIntake,
    Act.REFUSE_INTAKE: CaseNotAwaitingIntake,
    Act.BEGIN_REVIEW: CaseNotAwaitingDecision,
    Act.CONCLUDE_STEP: CaseNotAwaitingDecision,
    Act.RETURN: CaseNotAwaitingDecision,
    Act.GRANT: CaseNotAwaitingDecision,
    Act.REFUSE: CaseNotAwaitingDecision,
    Act.CLOSE: CaseNotGranted,
}


def check_role(act: Act, by: Actor) -> None:
    """Raises NotInThisRole."""
    rule = RULES.get(act)
    if rule and by.role not in rule.roles:
        raise NotInThisRole(act=act.value, role=by.role.value)
