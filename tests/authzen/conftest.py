"""Every module of a plan is one test, and at the end stands how many of all passed."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.authzen.plans import PLANS
from tests.authzen.point import Point, running
from tests.support import kafka as brokers
from tests.support import postgres

_FLOOR = "tests/authzen/test_modules.py"


@pytest.fixture(scope="session")
def point(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Point]:
    database = postgres.copy_of("gateway.registry", f"authzen_{brokers.worker_name()}")
    with running(tmp_path_factory.mktemp("point"), database) as point:
        yield point


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call" and report.nodeid.startswith(_FLOOR)]
    failed = [report for report in terminalreporter.stats.get("failed", []) if report.nodeid.startswith(_FLOOR)]
    for report in failed:
        terminalreporter.write_line(f"failed: authzen-pdp-{report.nodeid.partition('[')[2].rstrip(']')}")
    if reports or failed:
        passed = sum("::test_module[" in report.nodeid for report in reports)
        terminalreporter.write_line(f"authzen={passed}/{sum(len(plan.modules) for plan in PLANS.values())}")
