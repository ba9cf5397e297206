"""The machine against a plain table, written once more from the law and the chain 申请→受理→流转→审批→发证→归档, over random acts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import ServiceError
from contracts.values import OfficerId
from services.application.domain.case import Case, NotInThisRole
from services.application.domain.lifecycle import RULES, Act, Role, Status
from services.application.domain.limits import Renewal
from tests.support.clock import TODAY
from tests.support.walks import ELEVEN_DAYS, IDENTIFIER, RUNNING, STEPS, Attempt, submitted, tried

_INTAKE: Final = "submitted prereview"
_OPEN: Final = "submitted prereview correction accepted reviewing suspended"
_FINAL: Final = "not_accepted closed withdrawn terminated"
_ALL: Final = " ".join(Status)

_PAID_AFTER: Final = "granted producing delivering"

# act: from, to (`=` stays, `<` goes back to who asked), by whom
_PERMITTED: Final = "granted producing delivering closed archived"
TABLE: Final[dict[str, tuple[str, str, str]]] = {
    "prereview_begun": ("submitted", "prereview", "clerk system"),
    "correction_requested": (_INTAKE, "correction", "clerk"),
    "corrected": ("correction", "<", "applicant agent"),
    "accepted": (_INTAKE, "accepted", "clerk system"),
    "deemed_accepted": (_INTAKE, "accepted", "system"),
    "not_accepted": (_INTAKE, "not_accepted", "clerk"),
    "review_begun": ("accepted", "reviewing", "reviewer decider system"),
    "step_concluded": ("reviewing", "=", "reviewer"),
    "returned": ("reviewing", "correction", "reviewer"),
    "procedure_begun": ("reviewing", "=", "reviewer"),
    "procedure_ended": ("reviewing suspended", "=", "reviewer"),
    "suspended": ("reviewing", "suspended", "reviewer"),
    "resumed": ("suspended", "reviewing", "reviewer"),
    "hearing_offered": ("reviewing", "=", "reviewer"),
    "hearing_requested": ("reviewing suspended", "=", "applicant agent"),
    "hearing_announced": ("reviewing suspended", "=", "reviewer"),
    "hearing_held": ("reviewing suspended", "=", "reviewer"),
    "extended": ("accepted reviewing suspended", "=", "head"),
    "granted": ("reviewing", "granted", "decider system"),
    "refused": ("reviewing", "refused", "decider"),
    "fee_asked": (f"accepted reviewing suspended {_PAID_AFTER}", "=", "clerk"),
    "supply_extended": (_OPEN, "=", "clerk"),
    "renewal_deemed": (_OPEN, "=", "system"),
    "production_begun": ("granted", "producing", "window system"),
    "result_issued": ("producing delivering closed archived", "=", "system"),
    "delivery_begun": ("granted producing refused", "delivering", "window system"),
    "closed": ("granted refused producing delivering", "closed", "window system"),
    "archived": (_FINAL, "archived", "window system"),
    "withdrawn": (_OPEN, "withdrawn", "applicant agent"),
    "terminated": (_OPEN, "terminated", "clerk decider system"),
    "owner_changed": (_ALL, "=", "system"),
    "recounted": (_ALL, "=", "system"),
    "permit_changed": (_PERMITTED, "=", "decider"),
    "permit_revoked": (_PERMITTED, "=", "decider"),
    "permit_withdrawn": (_PERMITTED, "=", "decider"),
    "permit_cancelled": (_PERMITTED, "=", "decider"),
}


def day_of(at: datetime) -> date:
    """In Shanghai, which is eight hours ahead the whole year."""
    return (at + timedelta(hours=8)).date()


def working_days_after(day: date, count: int) -> date:
    """No holiday falls into the weeks that are walked through."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


@dataclass
class Model:
    """What the law makes of a case, said plainly."""

    status: str = "submitted"
    asked_from: str | None = None
    was_told: bool = False
    accepted_by: OfficerId | None = None
    reviewers: set[OfficerId] = field(default_factory=set)
    returned: set[int] = field(default_factory=set)
    steps: dict[int, str] = field(default_factory=dict)
    open_steps: set[int] = field(default_factory=set)
    survey_runs: bool = False
    was_extended: bool = False
    hearing: str = "none"
    ask_until: date | None = None
    hold_until: date | None = None
    opens_at: datetime | None = None
    fees: set[int] = field(default_factory=set)
    supply_was_extended: bool = False
    was_renewed: bool = False
    has_certificate: bool = False

    def allows(self, attempt: Attempt) -> bool:
        sources, _, roles = TABLE[attempt.act]
        if attempt.role not in roles.split() or self.status not in sources.split():
            return False
        rule: Callable[[Attempt], bool] | None = getattr(self, f"_may_be_{attempt.act}", None)
        return rule is None or rule(attempt)

    def takes(self, attempt: Attempt) -> None:
        _, to, _ = TABLE[attempt.act]
        before = self.status
        self.status = {"=": before, "<": self.asked_from or ""}.get(to, to)
        change: Callable[[Attempt, str], None] | None = getattr(self, f"_is_{attempt.act}", None)
        if change:
            change(attempt, before)

    def _may_be_correction_requested(self, _: Attempt) -> bool:
        return not self.was_told

    def _may_be_returned(self, attempt: Attempt) -> bool:
        return attempt.number not in self.returned

    def _may_be_procedure_begun(self, _: Attempt) -> bool:
        return not self.survey_runs

    def _may_be_procedure_ended(self, _: Attempt) -> bool:
        return self.survey_runs

    def _may_be_hearing_offered(self, _: Attempt) -> bool:
        return self.hearing == "none"

    def _may_be_hearing_requested(self, attempt: Attempt) -> bool:
        return self.hearing == "told" and self.ask_until is not None and day_of(attempt.at) <= self.ask_until

    def _may_be_hearing_announced(self, attempt: Attempt) -> bool:
        """Eleven days hence is at least seven working days hence; whoever can be in time has to be."""
        day, earliest = day_of(attempt.at + ELEVEN_DAYS), working_days_after(day_of(attempt.at), 7)
        return self.hearing == "asked" and self.hold_until is not None and day <= max(earliest, self.hold_until)

    def _may_be_hearing_held(self, attempt: Attempt) -> bool:
        return self.hearing == "asked" and self.opens_at is not None and attempt.at >= self.opens_at

    def _may_be_fee_asked(self, attempt: Attempt) -> bool:
        return attempt.number not in self.fees

    def _may_be_supply_extended(self, _: Attempt) -> bool:
        return not self.supply_was_extended

    def _may_be_renewal_deemed(self, _: Attempt) -> bool:
        return not self.was_renewed

    def _may_be_extended(self, _: Attempt) -> bool:
        return not self.was_extended

    def _may_be_granted(self, attempt: Attempt) -> bool:
        is_apart = attempt.role == "system" or attempt.officer not in {self.accepted_by, *self.reviewers}
        may_be_asked = self.hearing == "told" and self.ask_until is not None and day_of(attempt.at) <= self.ask_until
        return is_apart and not (may_be_asked or self.hearing == "asked" or self.survey_runs or self.open_steps)

    _may_be_refused = _may_be_granted

    def _may_be_delivery_begun(self, _: Attempt) -> bool:
        return self.status == "refused" or self.has_certificate

    def _may_be_closed(self, attempt: Attempt) -> bool:
        return self.status in {"refused", "delivering"} or self.has_certificate or attempt.role == "system"

    def _is_correction_requested(self, _: Attempt, before: str) -> None:
        self.was_told, self.asked_from = True, before

    def _is_returned(self, attempt: Attempt, before: str) -> None:
        self.returned.add(attempt.number)
        self.asked_from = before

    def _is_corrected(self, attempt: Attempt, _: str) -> None:
        self.open_steps |= {number for number, depends_on in self.steps.items() if depends_on == attempt.field}

    def _is_accepted(self, attempt: Attempt, _: str) -> None:
        self.accepted_by = attempt.officer if attempt.role == "clerk" else None

    def _is_review_begun(self, attempt: Attempt, _: str) -> None:
        if attempt.role == "reviewer":
            self.reviewers.add(attempt.officer)

    def _is_step_concluded(self, attempt: Attempt, _: str) -> None:
        self.steps[attempt.number] = attempt.field
        self.open_steps.discard(attempt.number)
        self.reviewers.add(attempt.officer)

    def _is_procedure_begun(self, _: Attempt, __: str) -> None:
        self.survey_runs = True

    def _is_procedure_ended(self, _: Attempt, __: str) -> None:
        self.survey_runs = False

    def _is_hearing_offered(self, attempt: Attempt, _: str) -> None:
        self.hearing, self.ask_until = "told", working_days_after(day_of(attempt.at), 5)

    def _is_hearing_requested(self, attempt: Attempt, _: str) -> None:
        self.hearing, self.hold_until = "asked", working_days_after(day_of(attempt.at), 20)

    def _is_hearing_announced(self, attempt: Attempt, _: str) -> None:
        self.opens_at = attempt.at + ELEVEN_DAYS

    def _is_fee_asked(self, attempt: Attempt, _: str) -> None:
        self.fees.add(attempt.number)

    def _is_supply_extended(self, _: Attempt, __: str) -> None:
        self.supply_was_extended = True

    def _is_renewal_deemed(self, _: Attempt, __: str) -> None:
        self.was_renewed = True

    def _is_hearing_held(self, _: Attempt, __: str) -> None:
        self.hearing = "held"

    def _is_extended(self, _: Attempt, __: str) -> None:
        self.was_extended = True

    def _is_result_issued(self, _: Attempt, __: str) -> None:
        self.has_certificate = True


RENEWS: Final = Renewal(IDENTIFIER, date(2027, 1, 31))
OFFICERS: Final = [OfficerId(f"hp-00{number}") for number in (1, 2, 3)]


_AFTERWARDS: Final = {
    Act.ARCHIVE,
    Act.CHANGE_OWNER,
    Act.RECOUNT,
    Act.ISSUE,
    Act.CHANGE_PERMIT,
    Act.REVOKE_PERMIT,
    Act.WITHDRAW_PERMIT,
    Act.CANCEL_PERMIT,
}
_ENDS: Final = {"withdrawn", "terminated", "not_accepted", "archived", "owner_changed", "recounted"}
_ACTS: Final = [act for act in Act if act in TABLE]


def walked(seed: int) -> list[Attempt]:
    """Mostly acts that the table lets follow, so that walks get far, and any act by anybody among them."""
    random, model, at, walk = Random(seed), Model(), TODAY, []
    for _ in range(random.randint(1, 40)):
        at += timedelta(days=random.choice([0, 0, 0, 1, 3]), hours=1)
        if model.hearing == "asked" and model.opens_at and random.random() < 0.5:
            # Somebody waits for the day.
            at = max(at, model.opens_at)
        likely = [act for act in _ACTS if model.status in TABLE[act][0].split()]
        onwards = [act for act in likely if act not in _ENDS] or likely
        act = random.choice(onwards if random.random() < 0.8 else _ACTS)
        role = Role(random.choice(TABLE[act][2].split())) if random.random() < 0.8 else random.choice(list(Role))
        attempt = Attempt(act, role, random.choice(OFFICERS), at, random.randint(1, 2), random.choice(["address", "name"]))
        walk.append(attempt)
        if model.allows(attempt):
            model.takes(attempt)
    return walk


walks: Final = st.integers(0, 2**32).map(walked)


def test_the_table_names_every_act_that_moves_a_case() -> None:
    assert set(TABLE) == {act.value for act in RULES} == {act.value for act in STEPS}


def test_the_walks_do_every_act_and_reach_every_status() -> None:
    done, reached = set(), set()
    for seed in range(300):
        model = Model()
        for attempt in walked(seed):
            if model.allows(attempt):
                model.takes(attempt)
                done.add(attempt.act.value)
                reached.add(model.status)
    assert (done, reached) == (set(TABLE), {status.value for status in Status})


@settings(max_examples=200, deadline=None)
@given(walks)
def test_the_machine_does_what_the_table_says_and_nothing_else(walk: list[Attempt]) -> None:
    case, model = submitted(renews=RENEWS), Model()
    for attempt in walk:
        if not model.allows(attempt):
            with pytest.raises(ServiceError):
                tried(case, attempt)
            continue
        after = tried(case, attempt)
        model.takes(attempt)
        assert after.status == model.status
        assert after.revision == case.revision + 1
        case = after


@settings(max_examples=200, deadline=None)
@given(walks)
def test_no_walk_breaks_what_the_law_asks(walk: list[Attempt]) -> None:
    case, done = submitted(renews=RENEWS), []
    for attempt in walk:
        try:
            case = tried(case, attempt)
        except ServiceError:
            continue
        done.append(attempt.act)
    assert done.count(Act.REQUEST_CORRECTION) <= 1
    assert done.count(Act.EXTEND) <= 1
    assert done.count(Act.GRANT) + done.count(Act.REFUSE) <= 1
    if case.decided_by:
        assert case.decided_by not in {case.accepted_by, case.reviewed_by, *case.course.reviewers}
    if case.status is Status.ARCHIVED:
        assert set(done[done.index(Act.ARCHIVE) :]) <= _AFTERWARDS
        assert case.closed_at


@pytest.mark.parametrize("act", RULES)
@pytest.mark.parametrize("role", Role)
def test_no_act_by_a_role_that_may_not(act: Act, role: Role) -> None:
    """Whatever the status: the role is looked at first."""
    attempt = Attempt(act, role, OFFICERS[0], TODAY)

    def refused(case: Case) -> bool:
        try:
            tried(case, attempt)
        except NotInThisRole:
            return True
        except ServiceError:
            pass
        return False

    assert {refused(submitted(status=status, suspensions=(RUNNING,))) for status in Status} == {role not in TABLE[act][2].split()}
