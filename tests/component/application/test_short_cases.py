"""The short way to one's own case answers as the route does, and nobody that the route would not answer."""

from typing import Any

import pytest
import sqlalchemy as sa

from contracts.values import CaseNumber
from services.application.routes.short_cases import ShortCases
from tests.component.application.conftest import Intake
from tests.support import cases


class Ways:
    """How often the short way answered."""

    def __init__(self) -> None:
        self.short = 0

    async def read(self, intake: Intake, number: CaseNumber, facts: Any, query: str = "") -> tuple[Any, bool]:
        before = self.short
        answer = await intake.door.call("GET", f"/cases/{number}{query}", facts=facts)
        return answer, self.short > before


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    counted, whole = Ways(), ShortCases._body

    async def body(self: ShortCases, asked: str, headers: dict[bytes, bytes]) -> bytes | None:
        found = await whole(self, asked, headers)
        counted.short += found is not None
        return found

    monkeypatch.setattr(ShortCases, "_body", body)
    return counted


async def test_both_ways_say_the_same_at_every_stage_of_a_case(intake: Intake, ways: Ways) -> None:
    number = await intake.submitted()

    async def same() -> Any:
        (short, is_short), (long, is_long) = (
            await ways.read(intake, number, cases.applicant(assurance=2)),
            await ways.read(intake, number, cases.applicant(assurance=2), "?long=1"),
        )
        assert (is_short, is_long) == (True, False)
        assert (short.status_code, short.headers["content-type"]) == (long.status_code, long.headers["content-type"])
        assert short.json() == long.json()
        return short.json()

    assert [each["event"] for each in (await same())["steps"]] == ["submitted"]
    await intake.done(number, "acceptance")
    await intake.done(number, "review", "hp-002")
    assert len((await same())["steps"]) > 2
    async with intake.database.transaction() as session:
        owes = "UPDATE materials SET way = 'deferred', due_on = '2026-11-20' WHERE code = 'vaccination-proof'"
        await session.execute(sa.text(owes))
    assert [(each["code"], each["is_overdue"]) for each in (await same())["owed"]] == [("vaccination-proof", True)]


async def test_others_are_left_to_the_route(intake: Intake, ways: Ways) -> None:
    number = await intake.submitted()
    cannot = {
        "a stranger": (cases.applicant(cases.STRANGER), 404),
        "who signed on too weakly": (cases.applicant(assurance=1), 403),
        "an officer": (cases.handler(), 403),
        "a case of an organisation": (cases.by_mandate(cases.ORGANISATION), 404),
    }
    for who, (facts, status) in cannot.items():
        answer, is_short = await ways.read(intake, number, facts)
        assert (who, answer.status_code, is_short) == (who, status, False)
    agent, is_short = await ways.read(intake, number, cases.by_mandate())
    assert (agent.status_code, is_short) == (200, False)
    assert intake.door.disclosed[-1].subjects == (cases.PERSON,)
    nobody = CaseNumber(f"{number[:-1]}{(int(number[-1]) + 1) % 10}")
    answer, is_short = await ways.read(intake, nobody, cases.applicant())
    assert (answer.status_code, is_short) == (404, False)
