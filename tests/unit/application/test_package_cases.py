"""并联审批: what runs side by side, what a refusal stops and what it does not, and when it is over."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from chassis.working_days import Due
from contracts.values import CaseNumber, PackageNumber
from services.application.domain.applicant import Applicant
from services.application.domain.packages import PackageCase, Step, StepStatus, produced_before, without
from tests.support import cases
from tests.support.clock import TODAY

OVER = {StepStatus.GRANTED, StepStatus.ENDED, StepStatus.SKIPPED, StepStatus.WITHDRAWN}


def package(*graph: tuple[str, ...]) -> PackageCase:
    """Each of `graph` is a step and what it waits for; each step produces a field of its name."""
    steps = tuple(
        Step(code, code, CaseNumber.of(cases.TASK, TODAY.date(), place), tuple(after), (f"of_{code}",))
        for place, (code, *after) in enumerate(graph, 1)
    )
    number = PackageNumber.of(cases.HUANGPU, TODAY.date(), 1)
    due = Due(date(2026, 12, 7), is_provisional=False)
    return PackageCase(number, Applicant(cases.PERSON), "newborn", 1, "all", "示例", True, TODAY, due, steps)


def moved(case: PackageCase, code: str, status: StepStatus) -> PackageCase:
    return case.with_step(replace(next(step for step in case.steps if step.code == code), status=status)).after_refusals()


def ready(case: PackageCase) -> list[str]:
    return [step.code for step in case.ready()]


def statuses(case: PackageCase) -> dict[str, str]:
    return {step.code: step.status.value for step in case.steps}


DIAMOND = package(("birth",), ("register", "birth"), ("insurance", "birth"), ("card", "register", "insurance"), ("gift",))


def test_what_waits_for_nothing_runs_side_by_side() -> None:
    assert ready(DIAMOND) == ["birth", "gift"]
    assert ready(moved(DIAMOND, "birth", StepStatus.GRANTED)) == ["register", "insurance", "gift"]


def test_a_step_waits_for_all_that_come_before_it() -> None:
    case = moved(moved(DIAMOND, "birth", StepStatus.GRANTED), "register", StepStatus.GRANTED)
    assert "card" not in ready(case)
    assert "card" in ready(moved(case, "insurance", StepStatus.GRANTED))


def test_a_refused_step_stops_what_waits_for_it_and_nothing_else() -> None:
    case = moved(moved(DIAMOND, "birth", StepStatus.GRANTED), "register", StepStatus.ENDED)
    assert statuses(case) == {"birth": "granted", "register": "ended", "insurance": "waiting", "card": "skipped", "gift": "waiting"}
    assert ready(case) == ["insurance", "gift"]


def test_it_is_over_when_every_step_is() -> None:
    case = moved(DIAMOND, "birth", StepStatus.ENDED)
    assert case.closed_if_over(at=TODAY).closed_at is None
    assert moved(case, "gift", StepStatus.GRANTED).closed_if_over(at=TODAY).closed_at == TODAY


def test_what_earlier_steps_give_is_not_asked_for_at_the_submission() -> None:
    assert produced_before(DIAMOND.steps, "card") == {"of_birth", "of_register", "of_insurance"}
    assert produced_before(DIAMOND.steps, "birth") == set()
    asked = without(cases.definition(), {"dog_name", "vaccination-proof"})
    assert "dog_name" not in asked.form_schema["required"]
    assert "vaccination-proof" not in {each.code for each in asked.materials}


@given(st.lists(st.sets(st.integers(0, 6), max_size=3), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_no_package_ends_with_a_step_that_could_still_begin(graph: list[set[int]], chance: object) -> None:
    """Whatever is granted and refused in whatever order: nothing begins before what it waits for, and all comes to an end."""
    case = package(*[(f"s{place}", *(f"s{each}" for each in after if each < place)) for place, after in enumerate(graph)])
    while waiting := ready(case):
        code = chance.choice(waiting)  # type: ignore[attr-defined]
        step = next(each for each in case.steps if each.code == code)
        assert all(statuses(case)[each] == "granted" for each in step.after)
        case = moved(case, code, chance.choice([StepStatus.GRANTED, StepStatus.ENDED, StepStatus.WITHDRAWN]))  # type: ignore[attr-defined]
    assert {step.status for step in case.steps} <= OVER
    assert case.closed_if_over(at=TODAY).closed_at == TODAY
