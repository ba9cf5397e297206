"""Every module of a plan is one test, and at the end stands how many of each plan's passed."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.conformance import suite as suites
from tests.conformance.browser import Browser
from tests.conformance.suite import Listener, Suite

PLANS: Final = json.loads((Path(__file__).parent / "plans.json").read_text())["plans"]
_LINE: Final = ("oidc_basic", "fapi2", "logout")
_PASSED: Counter[str] = Counter()


def plan_of(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


def module_of(item: pytest.Item) -> str:
    """The public name of a test's module."""
    plan = PLANS[plan_of(item)]
    for name in plan["modules"]:
        if item.name == "test_" + name.lower().replace("-", "_"):
            return str(plan["prefix"] + name)
    raise pytest.UsageError(f"{item.nodeid} is no module of its plan")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    mine = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in mine:
        item.user_properties.append(("module", module_of(item)))
    if not config.option.keyword and not any("::" in each for each in config.args):
        _require_all(mine)
    if sample := config.getoption("--modules", default=None):
        chosen = random.Random(os.environ.get("TONGBAN_SEED", "1")).sample(mine, min(int(sample), len(mine)))
        config.hook.pytest_deselected(items=[item for item in mine if item not in chosen])
        items[:] = [item for item in items if item not in mine or item in chosen]


def _require_all(items: list[pytest.Item]) -> None:
    """Raises UsageError for a module that no test asks for."""
    for plan in {plan_of(item) for item in items}:
        wanted = {PLANS[plan]["prefix"] + name for name in PLANS[plan]["modules"]}
        missing = wanted - {module_of(item) for item in items if plan_of(item) == plan}
        if missing:
            raise pytest.UsageError(f"{plan} has no test for {sorted(missing)}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed and "tests/conformance" in report.nodeid:
        _PASSED[Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_")] += 1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for report in terminalreporter.stats.get("failed", []):
        name = dict(report.user_properties).get("module")
        if name:
            terminalreporter.write_line(f"failed: {name}")
    for plan, said in PLANS.items():
        for name, reason in said.get("not_applicable", {}).items():
            terminalreporter.write_line(f"not applicable: {said['prefix']}{name}: {reason} ({plan})")
    if _PASSED:
        totals = {plan: len(said["modules"]) - len(said.get("not_applicable", {})) for plan, said in PLANS.items()}
        terminalreporter.write_line(f"oidc_config={_PASSED['oidc_config']}/{totals['oidc_config']}")
        terminalreporter.write_line(" ".join(f"{plan}={_PASSED[plan]}/{totals[plan]}" for plan in _LINE))


@pytest.fixture(scope="session")
def suite(mesh: Mesh, _newcomers: Iterator[Person], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    listener = Listener()
    with listener.running():
        yield suites.prepare(mesh, next(_newcomers), tmp_path_factory.mktemp("suite"), listener)


@pytest.fixture
def browser(suite: Suite) -> Iterator[Browser]:
    """A browser that has never been here."""
    suite.listener.bodies.clear()
    with Browser(suite.issuer) as opened:
        yield opened
