"""Pages of a work list are the same, whichever way they are found."""

import random
from pathlib import Path

import pytest

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import PersonId
from services.application.domain.case import Scope
from services.application.queries import work
from services.application.queries.work import Filters
from tests.component.application.conftest import Intake
from tests.support import cases, many_cases
from tests.support.many_cases import DIVISIONS, MATTERS

LIMITS = [frozenset(map(str, MATTERS[:1])), frozenset(map(str, MATTERS[1:4])), frozenset(map(str, MATTERS))]
WANTED = [Filters(), Filters(statuses=frozenset({"submitted", "accepted"})), Filters(sort="submitted")]


async def _in_pages(session: ReadSession, scope: Scope, wanted: Filters) -> tuple[list[str], int | None]:
    """The numbers by threes, and the count of the first page."""
    listed = await work.page(session, scope, wanted, size=3, is_counted=True)
    numbers, count = [each["number"] for each in listed.items], listed.count
    while listed.next:
        onwards = Filters(statuses=wanted.statuses, sort=wanted.sort, after=listed.next)
        listed = await work.page(session, scope, onwards, size=3)
        numbers += [each["number"] for each in listed.items]
    return numbers, count


@pytest.mark.parametrize("looked_through", [0, 2, 200], ids=["walked", "some of both", "looked through"])
async def test_a_page_is_the_same_however_far_the_most_urgent_are_looked_through(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_through: int
) -> None:
    chosen = random.Random(5)
    known = [many_cases.known(chosen, place, [PersonId.new()]) for place in range(70)]
    await many_cases.put(intake.database, Sealer.from_file(tmp_path / "data.key"), known)
    matter = {case.number: case.matter for case in known}
    monkeypatch.setattr(work, "_LOOKED_THROUGH", looked_through)
    async with intake.database.reading() as session:
        for wanted in WANTED:
            whole = await work.page(session, Scope(division=DIVISIONS[0]), wanted)
            everything = [each["number"] for each in whole.items]
            assert len(everything) > 3
            for limit in LIMITS:
                seen = [number for number in everything if matter[number] in limit]
                assert await _in_pages(session, Scope(division=DIVISIONS[0], matters=limit), wanted) == (seen, len(seen))


async def test_a_list_says_of_a_case_what_its_contract_and_a_search_say(intake: Intake) -> None:
    number = await intake.submitted()
    answer = await intake.door.call("GET", "/work-list", facts=cases.handler())
    found = await intake.door.call("POST", "/work-list/search", facts=cases.handler(), json={"number": number})
    listed = api.WorkList.model_validate_json(answer.content)
    assert [each.model_dump(mode="json") for each in listed.items] == found.json()
    assert (listed.items[0].due_at is not None, listed.items[0].revision, listed.count) == (True, 1, 1)
