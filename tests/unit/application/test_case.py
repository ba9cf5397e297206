from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import working_days
from chassis.errors import Conflict
from chassis.working_days import Due
from contracts.values import CaseId, CaseNumber, CertificateIdentifier, OfficerId
from services.application.domain.applicant import Applicant
from services.application.domain.case import (
    Case,
    CaseNotAwaitingCorrection,
    CaseNotAwaitingDecision,
    CaseNotAwaitingIntake,
    CaseNotGranted,
    CorrectionWasRequested,
    Notice,
    SameOfficerMayNotDecide,
)
from services.application.domain.lifecycle import Act, Status
from tests.support import cases
from tests.support.clock import TODAY

FIRST, SECOND = OfficerId("hp-001"), OfficerId("hp-002")
NOTICE = Notice("照片不清晰", ("vaccination-proof",), (), TODAY)
IDENTIFIER = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000001", 1)


def submitted(**changes: Any) -> Case:
    case = Case(
        id=CaseId.new(),
        number=CaseNumber.of(cases.TASK, TODAY.date(), 1),
        applicant=Applicant(cases.PERSON),
        task_code=cases.TASK,
        version=1,
        matter_name="犬类准养证核发",
        agency=cases.AGENCY,
        agency_name="示例·黄浦区公安分局",
        division=cases.HUANGPU,
        promised_working_days=9,
        is_illustrative=True,
        submitted_at=TODAY,
        certificate_type=cases.LICENCE,
    )
    return replace(case, **changes)


def accept(case: Case, by: OfficerId = FIRST) -> Case:
    return case.accept(by=by, at=TODAY, calendar=working_days.known())


ACTS: dict[Act, Callable[[Case], Case]] = {
    Act.REQUEST_CORRECTION: lambda case: case.request_correction(NOTICE),
    Act.CORRECT: lambda case: case.correct(),
    Act.ACCEPT: accept,
    Act.BEGIN_REVIEW: lambda case: case.begin_review(),
    Act.GRANT: lambda case: case.grant(by=SECOND, at=TODAY, reason=None),
    Act.REFUSE: lambda case: case.refuse(by=SECOND, at=TODAY, reason="不符合条件"),
    Act.CLOSE: lambda case: case.close(at=TODAY),
}

ALLOWED = {
    (Act.REQUEST_CORRECTION, Status.SUBMITTED): Status.CORRECTION,
    (Act.CORRECT, Status.CORRECTION): Status.SUBMITTED,
    (Act.ACCEPT, Status.SUBMITTED): Status.ACCEPTED,
    (Act.REQUEST_CORRECTION, Status.PREREVIEW): Status.CORRECTION,
    (Act.ACCEPT, Status.PREREVIEW): Status.ACCEPTED,
    (Act.BEGIN_REVIEW, Status.ACCEPTED): Status.REVIEWING,
    (Act.GRANT, Status.REVIEWING): Status.GRANTED,
    (Act.REFUSE, Status.REVIEWING): Status.REFUSED,
    (Act.CLOSE, Status.PRODUCING): Status.CLOSED,
    (Act.CLOSE, Status.DELIVERING): Status.CLOSED,
    (Act.CLOSE, Status.GRANTED): Status.CLOSED,
    (Act.CLOSE, Status.REFUSED): Status.CLOSED,
}
REFUSALS = {
    Act.REQUEST_CORRECTION: CaseNotAwaitingIntake,
    Act.CORRECT: CaseNotAwaitingCorrection,
    Act.ACCEPT: CaseNotAwaitingIntake,
    Act.BEGIN_REVIEW: CaseNotAwaitingDecision,
    Act.GRANT: CaseNotAwaitingDecision,
    Act.REFUSE: CaseNotAwaitingDecision,
    Act.CLOSE: CaseNotGranted,
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", Status)
def test_every_act_moves_a_case_only_from_where_it_may(act: Act, status: Status) -> None:
    case = submitted(status=status)
    target = ALLOWED.get((act, status))
    if target is None:
        with pytest.raises(REFUSALS[act]) as refusal:
            ACTS[act](case)
        assert refusal.value.extensions == {"status": status.value}
    else:
        assert ACTS[act](case).status is target


def test_what_is_to_be_supplied_is_told_once() -> None:
    corrected = submitted().request_correction(NOTICE).correct()
    with pytest.raises(CorrectionWasRequested):
        corrected.request_correction(NOTICE)
    assert corrected.notice == NOTICE


@pytest.mark.parametrize("decide", [ACTS[Act.GRANT], ACTS[Act.REFUSE]])
def test_the_officer_who_accepted_may_not_decide(decide: Callable[[Case], Case]) -> None:
    with pytest.raises(SameOfficerMayNotDecide):
        decide(accept(submitted(), by=SECOND).begin_review())


def test_the_promise_counts_working_days_from_the_day_after_acceptance() -> None:
    assert accept(submitted()).due == Due(date(2026, 12, 7), is_provisional=False)
    late = submitted().accept(by=FIRST, at=TODAY + timedelta(days=14), calendar=working_days.known())
    assert late.due == Due(date(2026, 12, 21), is_provisional=True)


def test_a_decision_and_a_certificate_are_kept() -> None:
    closed = accept(submitted()).begin_review().grant(by=SECOND, at=TODAY, reason="符合条件").close(at=TODAY, certificate=IDENTIFIER)
    assert (closed.accepted_by, closed.decided_by, closed.reason, closed.certificate) == (FIRST, SECOND, "符合条件", IDENTIFIER)


def test_only_the_certificate_that_closed_a_case_is_the_one_it_is_closed_with() -> None:
    granted = accept(submitted()).begin_review().grant(by=SECOND, at=TODAY, reason=None)
    other = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000002", 1)
    closed = granted.close(at=TODAY, certificate=IDENTIFIER)
    assert closed.is_closed_with(IDENTIFIER)
    refused = accept(submitted()).begin_review().refuse(by=SECOND, at=TODAY, reason="不符合条件").close(at=TODAY)
    assert not any((closed.is_closed_with(other), refused.is_closed_with(IDENTIFIER), granted.is_closed_with(IDENTIFIER)))


@given(st.lists(st.sampled_from(list(ACTS)), max_size=12))
def test_no_order_of_acts_breaks_what_the_law_asks(acts: list[Act]) -> None:
    case, notices = submitted(), 0
    for act in acts:
        try:
            case = ACTS[act](case)
        except Conflict:
            continue
        notices += act is Act.REQUEST_CORRECTION
    assert notices <= 1
    if case.status in {Status.GRANTED, Status.REFUSED, Status.CLOSED}:
        assert case.accepted_by == FIRST
        assert case.decided_by == SECOND
        assert case.due is not None
    if case.status is Status.CLOSED:
        assert case.closed_at == TODAY
        for act in ACTS.values():
            with pytest.raises(Conflict):
                act(case)
