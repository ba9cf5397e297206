from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chassis import working_days
from chassis.errors import ServiceError
from chassis.working_days import Due
from contracts.values import CertificateIdentifier, OfficerId
from services.application.domain.case import (
    ActNotPossible,
    Case,
    CaseHasChanged,
    CaseNotAwaitingCorrection,
    CaseNotAwaitingDecision,
    CaseNotAwaitingIntake,
    CaseNotGranted,
    Chair,
    CorrectionWasRequested,
    Delivery,
    HearingAskedTooLate,
    HearingIsPending,
    HearingNotAnnounced,
    HearingTimeNotPossible,
    NoHearingToAskFor,
    Notice,
    ResultIsAwaited,
    ReviewerMayNotChair,
    ReviewerMayNotDecide,
    ReviewStep,
    SameOfficerMayNotDecide,
    StepHasReturned,
    StepsRemain,
)
from services.application.domain.lifecycle import RULES, Act, Role, Status
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.walks import CHAIR, IDENTIFIER, OTHER_PERSON, RUNNING, Attempt, submitted, tried

CLERK, REVIEWER, DECIDER = OfficerId("hp-001"), OfficerId("hp-002"), OfficerId("hp-003")
NOTICE = Notice("照片不清晰", ("vaccination-proof",), ("address",), TODAY)
CALENDAR = working_days.known()


def accepted() -> Case:
    return submitted().accept(by=CLERK, at=TODAY, calendar=CALENDAR)


def reviewing() -> Case:
    return accepted().begin_review(by=REVIEWER)


def opinion(number: int, *fields: str) -> ReviewStep:
    return ReviewStep(number, "审查", "符合", fields, (), REVIEWER, TODAY)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (Act.BEGIN_PREREVIEW, CaseNotAwaitingIntake),
        (Act.REQUEST_CORRECTION, CaseNotAwaitingIntake),
        (Act.ACCEPT, CaseNotAwaitingIntake),
        (Act.DEEM_ACCEPTED, CaseNotAwaitingIntake),
        (Act.REFUSE_INTAKE, CaseNotAwaitingIntake),
        (Act.CORRECT, CaseNotAwaitingCorrection),
        (Act.BEGIN_REVIEW, CaseNotAwaitingDecision),
        (Act.CONCLUDE_STEP, CaseNotAwaitingDecision),
        (Act.GRANT, CaseNotAwaitingDecision),
        (Act.REFUSE, CaseNotAwaitingDecision),
        (Act.CLOSE, CaseNotGranted),
        (Act.SUSPEND, ActNotPossible),
        (Act.WITHDRAW, ActNotPossible),
    ],
)
def test_the_wrong_status_is_refused_by_name(act: Act, refusal: type[ServiceError]) -> None:
    role = min(RULES[act].roles)
    with pytest.raises(refusal) as raised:
        tried(submitted(status=Status.ARCHIVED), Attempt(act, role, CLERK, TODAY))
    assert raised.value.extensions == {"case_status": "archived"}


def test_what_is_to_be_supplied_is_told_once_whatever_became_of_the_case() -> None:
    told = submitted().request_correction(NOTICE)
    answered = told.correct()
    for case in (told, answered, answered.accept(by=CLERK, at=TODAY, calendar=CALENDAR)):
        with pytest.raises(CorrectionWasRequested):
            case.request_correction(NOTICE)
    assert answered.asked == NOTICE


@pytest.mark.parametrize("begin", [lambda case: case, Case.begin_prereview])
def test_an_answer_returns_straight_to_the_step_that_asked(begin: object) -> None:
    assert callable(begin)
    case: Case = begin(submitted())
    answered = case.request_correction(NOTICE).correct()
    assert (answered.status, answered.return_to) == (case.status, None)


def test_an_answer_to_a_step_of_the_review_does_again_only_what_depends_on_what_changed() -> None:
    case = reviewing().conclude_step(opinion(1, "name")).conclude_step(opinion(2, "address"))
    asked = case.return_for_correction(replace(NOTICE, step=3))
    assert (asked.status, asked.asked, asked.notice) == (Status.CORRECTION, replace(NOTICE, step=3), None)
    answered = asked.correct(fields=frozenset({"address"}))
    assert answered.status is Status.REVIEWING
    assert [step.number for step in answered.course.steps if step.is_open] == [2]
    with pytest.raises(StepsRemain) as remaining:
        answered.grant(by=DECIDER, at=TODAY, reason=None)
    assert remaining.value.extensions == {"steps": [2]}
    assert answered.conclude_step(opinion(2, "address")).grant(by=DECIDER, at=TODAY, reason=None).status is Status.GRANTED
    assert asked.correct(fields=frozenset({"phone"})).grant(by=DECIDER, at=TODAY, reason=None).status is Status.GRANTED


def test_a_step_of_the_review_asks_once() -> None:
    answered = reviewing().return_for_correction(replace(NOTICE, step=1)).correct()
    with pytest.raises(StepHasReturned):
        answered.return_for_correction(replace(NOTICE, step=1))
    assert answered.return_for_correction(replace(NOTICE, step=2)).status is Status.CORRECTION


def test_who_received_and_who_reviewed_a_case_does_not_decide_it() -> None:
    with pytest.raises(SameOfficerMayNotDecide):
        reviewing().grant(by=CLERK, at=TODAY, reason=None)
    with pytest.raises(ReviewerMayNotDecide):
        reviewing().refuse(by=REVIEWER, at=TODAY, reason="不符合条件")
    with pytest.raises(ReviewerMayNotDecide):
        accepted().begin_review().conclude_step(opinion(1)).grant(by=REVIEWER, at=TODAY, reason=None)
    on_the_spot = accepted().under_review().grant(by=DECIDER, at=TODAY, reason=None)
    assert (on_the_spot.reviewed_by, on_the_spot.decided_by) == (None, DECIDER)


def test_the_promise_counts_working_days_from_the_day_after_acceptance() -> None:
    assert accepted().due == Due(date(2026, 12, 7), is_provisional=False)
    late = submitted().accept(by=CLERK, at=TODAY + timedelta(days=14), calendar=CALENDAR)
    assert late.due == Due(date(2026, 12, 21), is_provisional=True)


def test_a_case_that_is_deemed_accepted_was_by_nobody_and_from_the_day_of_receipt() -> None:
    deemed = submitted().deem_accepted(received_at=TODAY, calendar=CALENDAR)
    assert (deemed.status, deemed.accepted_by, deemed.accepted_at, deemed.is_deemed_accepted) == (Status.ACCEPTED, None, TODAY, True)
    assert deemed.due == accepted().due


def test_a_hearing_can_be_asked_for_on_five_working_days_and_is_held_before_the_decision() -> None:
    told = reviewing().offer_hearing(at=TODAY, calendar=CALENDAR)
    last, late = TODAY + timedelta(days=7), TODAY + timedelta(days=8)
    with pytest.raises(HearingIsPending):
        told.grant(by=DECIDER, at=last, reason=None)
    with pytest.raises(HearingAskedTooLate) as refused:
        told.request_hearing(at=late, calendar=CALENDAR)
    assert refused.value.extensions == {"until": "2026-12-01"}
    assert told.grant(by=DECIDER, at=late, reason=None).status is Status.GRANTED
    asked = told.request_hearing(at=last, calendar=CALENDAR)
    assert asked.hearing is not None
    assert asked.hearing.hold_until == date(2026, 12, 29)
    with pytest.raises(HearingIsPending):
        asked.refuse(by=DECIDER, at=late, reason="不符合条件")
    with pytest.raises(NoHearingToAskFor):
        asked.request_hearing(at=last, calendar=CALENDAR)
    with pytest.raises(HearingNotAnnounced):
        asked.hold_hearing(at=late, outcome="听证笔录已制作")


@pytest.mark.parametrize(("days", "is_possible"), [(8, False), (9, True), (28, True), (29, False)])
def test_a_hearing_is_announced_seven_working_days_before_and_held_on_time(days: int, is_possible: bool) -> None:
    asked_at = TODAY + timedelta(days=7)
    asked = reviewing().offer_hearing(at=TODAY, calendar=CALENDAR).request_hearing(at=asked_at, calendar=CALENDAR)
    opens_at = asked_at + timedelta(days=days)
    if not is_possible:
        with pytest.raises(HearingTimeNotPossible) as refused:
            asked.announce_hearing(opens_at=opens_at, place="示例厅", chair=CHAIR, at=asked_at, calendar=CALENDAR)
        assert refused.value.extensions == {"earliest": "2026-12-10", "latest": "2026-12-29"}
        return
    announced = asked.announce_hearing(opens_at=opens_at, place="示例厅", chair=CHAIR, at=asked_at, calendar=CALENDAR)
    with pytest.raises(HearingNotAnnounced):
        announced.hold_hearing(at=opens_at - timedelta(minutes=1), outcome="听证笔录已制作")
    held = announced.hold_hearing(at=opens_at, outcome="听证笔录已制作")
    assert held.refuse(by=DECIDER, at=opens_at, reason="不符合条件").status is Status.REFUSED


def test_whoever_reviews_a_case_does_not_chair_its_hearing() -> None:
    opens_at = TODAY + timedelta(days=9)
    asked = reviewing().offer_hearing(at=TODAY, calendar=CALENDAR).request_hearing(at=TODAY, calendar=CALENDAR)
    said: Any = {"opens_at": opens_at, "place": "示例厅", "at": TODAY, "calendar": CALENDAR}
    with pytest.raises(ReviewerMayNotChair):
        asked.announce_hearing(chair=Chair(REVIEWER, "示例"), **said)
    announced = asked.announce_hearing(chair=CHAIR, **said)
    since = announced.conclude_step(replace(opinion(1), by=CHAIR.officer))
    with pytest.raises(ReviewerMayNotChair):
        since.hold_hearing(at=opens_at, outcome="已举行")
    again = since.announce_hearing(chair=Chair(OfficerId("hp-098"), "示例"), **said)
    assert again.hold_hearing(at=opens_at, outcome="已举行").hearing == replace(again.hearing, held_at=opens_at, outcome="已举行")


def test_what_goes_out_on_paper_goes_out_when_it_exists_and_is_closed_when_it_arrived() -> None:
    producing = reviewing().grant(by=DECIDER, at=TODAY, reason=None).produce()
    with pytest.raises(ResultIsAwaited):
        producing.deliver(Delivery("post", TODAY, "EX1234"))
    with pytest.raises(ResultIsAwaited):
        producing.close(at=TODAY)
    closed = producing.issue(IDENTIFIER).deliver(Delivery("post", TODAY, "EX1234")).close(at=TODAY)
    assert (closed.status, closed.certificate, closed.delivery) == (Status.CLOSED, IDENTIFIER, Delivery("post", TODAY, "EX1234"))


def test_a_decision_and_a_certificate_are_kept() -> None:
    granted = reviewing().grant(by=DECIDER, at=TODAY, reason="符合条件")
    closed = granted.close(at=TODAY, certificate=IDENTIFIER)
    assert (closed.accepted_by, closed.decided_by, closed.reason, closed.certificate) == (CLERK, DECIDER, "符合条件", IDENTIFIER)
    other = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000002", 1)
    assert closed.has_earned(IDENTIFIER)
    assert not any((closed.has_earned(other), granted.has_earned(IDENTIFIER)))


def test_an_overtime_ends_only_a_case_that_waits_for_its_applicant() -> None:
    with pytest.raises(ActNotPossible):
        submitted().terminate("correction_timeout", reason="逾期未补正", at=TODAY)
    ended = submitted().request_correction(NOTICE).terminate("correction_timeout", reason="逾期未补正", at=TODAY)
    assert (ended.status, ended.terminated_for, ended.closed_at) == (Status.TERMINATED, "correction_timeout", TODAY)


def test_a_merged_case_is_the_other_person_s() -> None:
    assert submitted().owned_by(OTHER_PERSON).person == OTHER_PERSON


def test_an_act_on_an_older_revision_is_refused() -> None:
    case = accepted()
    case.check_revision(None)
    case.check_revision(case.revision)
    with pytest.raises(CaseHasChanged) as refused:
        case.check_revision(1)
    assert refused.value.extensions == {"revision": 2}


def test_a_special_procedure_stops_the_clock_until_it_ends() -> None:
    resumed = reviewing().suspend(RUNNING).resume(at=TODAY + timedelta(days=14), outcome="通过")
    assert resumed.suspensions == (replace(RUNNING, until=TODAY + timedelta(days=14), outcome="通过"),)


def test_a_head_is_a_role_of_its_own() -> None:
    assert RULES[Act.EXTEND].roles == {Role.HEAD}
