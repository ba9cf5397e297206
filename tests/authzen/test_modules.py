"""One test for each module of the five plans, named as the suite names it."""

import pytest

from tests.authzen.asked import ASKED
from tests.authzen.asking import try_out
from tests.authzen.plans import PLANS
from tests.authzen.point import Point

_MODULES = [pytest.param(plan, module, id=f"{plan}-{module}") for plan, said in PLANS.items() for module in said.modules]


@pytest.mark.parametrize(("plan", "module"), _MODULES)
def test_module(point: Point, plan: str, module: str) -> None:
    try_out(point, plan, module)


@pytest.mark.parametrize("plan", PLANS)
def test_every_question_is_that_of_a_module(plan: str) -> None:
    assert ASKED[plan].keys() - {"unknown-top-level-fields-ignored"} <= set(PLANS[plan].modules)
