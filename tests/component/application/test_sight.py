"""One predicate behind seven doors: each shows exactly what a check of each case by itself would, and is caught when it does not."""

import asyncio
import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import false, true

from chassis.http.mesh_token import CallerFacts
from chassis.sealing import Sealer
from contracts.values import OfficerId, PartyId, PersonId
from services.application import live as hub
from services.application.commands import scopes
from services.application.domain.applicant import Applicant
from services.application.domain.case import Scope
from services.application.domain.sight import Viewer, sees
from services.application.queries import dispatches, finding, moves, work, work_statements
from services.application.repository import cases as case_repository
from services.application.repository import sight
from services.application.repository.dispatches import Place
from services.application.tables import work as work_table
from tests.component.application.conftest import Intake
from tests.support import cases, many_cases
from tests.support.clock import TODAY
from tests.support.eventually import eventually
from tests.support.many_cases import AGENCIES, DIVISIONS, MATTERS, OPEN, Known
from tests.support.service import EVERYTHING
from tests.support.station import running

CASES, OFFICERS = 70, 7
TAKEN_IN, HANDED_OUT = {"submitted", "prereview", "correction"}, {"granted", "refused", "producing", "delivering"}
_PARTY = PartyId.new()


@dataclass(frozen=True, slots=True)
class Officer:
    """A handler as the test knows them; `limit` are the matters that their unit set, if it did."""

    facts: CallerFacts
    limit: frozenset[str] | None

    def may_see(self, case: Known) -> bool:
        """Written out for one case, and not by what is tested."""
        if self.limit is not None and case.matter not in self.limit:
            return False
        taken_in_by, taken_in_at = case.taken_in_by or (None, None)
        is_taken_in, is_handed_out = case.status in TAKEN_IN, case.status in HANDED_OUT
        if self.facts.party_kind == "department":
            return case.agency == self.facts.agency or (is_taken_in and taken_in_by == self.facts.agency)
        if is_handed_out and case.handed_out_by == self.facts.division:
            return True
        return case.division == self.facts.division or (is_taken_in and taken_in_at == self.facts.division)

    @property
    def viewer(self) -> Viewer:
        if self.facts.party_kind == "district":
            return Scope(division=self.facts.division, matters=self.limit)
        return Scope(agency=self.facts.agency, matters=self.limit)


@dataclass
class World:
    intake: Intake
    cases: list[Known]
    officers: list[Officer]
    people: list[PersonId]

    async def call(self, officer: Officer, path: str, *, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.intake.door.call("POST" if body else "GET", path, facts=officer.facts, json=body, headers=named)

    def seen(self, officer: Officer) -> set[str]:
        return {case.number for case in self.cases if officer.may_see(case)}


async def made(intake: Intake, tmp_path: Path, seed: int) -> World:
    chosen = random.Random(seed)
    people = [PersonId.new() for _ in range(4)]
    known = [many_cases.known(chosen, place, people) for place in range(CASES)]
    await many_cases.put(intake.database, Sealer.from_file(tmp_path / "data.key"), known)
    officers = []
    for place in range(OFFICERS):
        kind = chosen.choice(["district", "department"])
        limit = frozenset(chosen.sample([str(each) for each in MATTERS], chosen.randint(0, 5))) if chosen.random() < 0.7 else None
        facts = CallerFacts(
            "gateway", _PARTY, kind, agency=chosen.choice(AGENCIES), division=chosen.choice(DIVISIONS),
            officer=OfficerId(f"officer-{place}"), permissions=EVERYTHING,
        )  # fmt: skip
        officers.append(Officer(facts, limit))
        if limit is not None:
            unit = facts.division if kind == "district" else facts.agency
            assert unit
            async with intake.database.transaction() as session:
                wanted = [each for each in MATTERS if each in limit]
                await scopes.limit(session, unit, OfficerId(f"officer-{place}"), wanted, by=OfficerId("head-1"), at=TODAY)
    return World(intake, known, officers, people)


async def _pages(world: World, officer: Officer, query: str) -> list[Any]:
    items: list[Any] = []
    after = ""
    while True:
        answer = await world.call(officer, f"/work-list?{query}{after}")
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if not (place := answer.json()["next"]):
            return items
        after = f"&after={place}"


async def by_list(world: World) -> list[str]:
    wrong = []
    for place, officer in enumerate(world.officers):
        newest = [each["number"] for each in await _pages(world, officer, "sort=submitted")]
        if set(newest) != world.seen(officer) or len(newest) != len(set(newest)):
            wrong.append(f"{place}: newest first")
        found = [each["number"] for each in await _pages(world, officer, "sort=due")]
        due = [case for case in world.cases if officer.may_see(case) and case.status in OPEN]
        due.sort(key=lambda case: (case.due_at is None, case.due_at or TODAY, case.id))
        if found != [case.number for case in due]:
            wrong.append(f"{place}: by due")
    return wrong


async def by_search(world: World) -> list[str]:
    body = {"applicant_number": "31999919900515001x"}
    wrong = []
    for place, officer in enumerate(world.officers):
        found = (await world.call(officer, "/work-list/search", body=body)).json()
        if {each["number"] for each in found} != world.seen(officer):
            wrong.append(str(place))
    return wrong


async def by_count(world: World) -> list[str]:
    counts = [(await world.call(each, "/work-list?sort=submitted")).json()["count"] for each in world.officers]
    open_counts = [(await world.call(each, "/work-list")).json()["count"] for each in world.officers]
    wanted = [len(world.seen(each)) for each in world.officers]
    of_open = [sum(each.may_see(case) and case.status in OPEN for case in world.cases) for each in world.officers]
    return [f"{counts} {open_counts}"] if (counts, open_counts) != (wanted, of_open) else []


async def by_expand(world: World) -> list[str]:
    wrong = []
    for place, officer in enumerate(world.officers):
        for case in world.cases[::5]:
            answer = await world.call(officer, f"/cases/{case.number}/dossier")
            if (answer.status_code == 200) != officer.may_see(case):
                wrong.append(f"{place}: {case.number}")
            related = await world.call(officer, f"/cases/{case.number}/related")
            others = {
                each.number for each in world.cases if officer.may_see(each) and each.person == case.person and each.number != case.number
            }
            if related.status_code == 200 and {each["number"] for each in related.json()} != others:
                wrong.append(f"{place}: beside {case.number}")
    return wrong


async def by_export(world: World) -> list[str]:
    wrong = []
    for place, officer in enumerate(world.officers):
        lines = (await world.call(officer, "/work-list/export?format=ndjson&sort=submitted")).text.splitlines()
        table = csv.DictReader(io.StringIO((await world.call(officer, "/work-list/export?format=csv&sort=submitted")).text))
        found = {json.loads(line)["number"] for line in lines}
        if found != world.seen(officer) or {row["number"] for row in table} != found:
            wrong.append(str(place))
    return wrong


async def by_event(world: World) -> list[str]:
    """Live, and what was missed; also of applicants, who watch one case each."""
    viewers = [(each.viewer, world.seen(each)) for each in world.officers]
    viewers += [(Applicant(person), {case.number for case in world.cases if case.person == person}) for person in world.people]
    live: hub.Live = world.intake.door.app.state.live
    told: list[set[str]] = [set() for _ in viewers]

    async def listen(place: int) -> None:
        async with live.watching(viewers[place][0], str(place)) as stream:
            while not stream.is_over:
                told[place] |= {move.number for move in await stream.next(0.2)}

    async with running(live.run):
        await eventually(lambda: live.is_listening)
        listening = [asyncio.create_task(listen(place)) for place in range(len(viewers))]
        await eventually(lambda: live.open_streams == len(viewers))
        for case in world.cases:
            await many_cases.move(world.intake.database, case)
        # Whoever watches everything is told last of the last one.
        await eventually(lambda: live.told >= len(world.cases))
        await eventually(lambda: all(len(found) >= len(wanted) for found, (_, wanted) in zip(told, viewers, strict=True)))
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    wrong = [f"live {place}" for place, (_, wanted) in enumerate(viewers) if told[place] != wanted]
    for place, (viewer, wanted) in enumerate(viewers):
        async with world.intake.database.reading() as session:
            missed = await moves.since(session, viewer, 0, number=None)
        if {each.number for each in missed} != wanted:
            wrong.append(f"missed {place}")
    return wrong


async def by_cache(world: World) -> list[str]:
    """A tag that one officer was given opens nothing to another who does not see the same."""
    wrong = []
    for place, officer in enumerate(world.officers):
        tag = await _remembered(world, officer)
        if tag is None:
            wrong.append(f"{place}: nothing is remembered")
            continue
        for other in world.officers:
            answer = await world.call(other, "/work-list?sort=submitted", if_none_match=tag)
            if answer.status_code == 304 and world.seen(other) != world.seen(officer):
                wrong.append(f"{place}: remembered for another")
    return wrong


async def _remembered(world: World, officer: Officer) -> str | None:
    """A tag that is good while nothing of what it tags has changed."""
    tag = (await world.call(officer, "/work-list?sort=submitted")).headers["etag"]
    is_good = (await world.call(officer, "/work-list?sort=submitted", if_none_match=tag)).status_code == 304
    return str(tag) if is_good else None


DOORS: dict[str, Callable[[World], Any]] = {
    "list": by_list, "search": by_search, "count": by_count, "expand": by_expand, "export": by_export, "event": by_event, "cache": by_cache,
}  # fmt: skip

# What sees everything, in the place of the predicate.
BLIND = SimpleNamespace(
    visible=lambda *_: true(),
    parts=lambda _scope: (true(), false()),
    taking_part=lambda _scope: true(),
    of_unit=lambda *_: true(),
    matters=lambda _scope, wanted: sorted(wanted or map(str, MATTERS)),
    bound=lambda _scope: {},
    in_matters=work_statements.sight.in_matters,
    OF_WORK=work_statements.sight.OF_WORK,
    OF_CASES=work_statements.sight.OF_CASES,
)
# What forgets the units that take in and hand out for others.
FORGETFUL = SimpleNamespace(
    **{name: value for name, value in vars(sight).items() if not name.startswith("__")}
    | {
        "visible": sight.decided,
        "parts": lambda scope: (sight.decided(scope), false()),
        "of_unit": lambda scope, columns: (
            sight.of_unit(scope, columns) & ((work_table.c.unit == work_table.c.division) | (work_table.c.unit == work_table.c.agency))
        ),
    }
)
FORGOTTEN: dict[str, list[tuple[Any, str, Any]]] = {
    "list": [(work_statements, "sight", FORGETFUL)],
    "search": [(finding, "sight", FORGETFUL)],
    "count": [(work_statements, "sight", FORGETFUL)],
    "expand": [(case_repository, "sight", FORGETFUL)],
    "export": [(work_statements, "sight", FORGETFUL)],
    "event": [(hub, "sees", lambda viewer, case: sees(viewer, replace(case, taking_in=frozenset(), handing_out=frozenset())))],
}
WITHOUT: dict[str, list[tuple[Any, str, Any]]] = {
    "list": [(work_statements, "sight", BLIND), (work, "sight", BLIND)],
    "search": [(finding, "sight", BLIND)],
    "count": [(work_statements, "sight", BLIND), (work, "sight", BLIND)],
    "expand": [(case_repository, "sight", BLIND)],
    "export": [(work_statements, "sight", BLIND), (work, "sight", BLIND)],
    "event": [(hub, "sees", lambda *_: True)],
    "cache": [(work_statements, "sight", BLIND), (work, "sight", BLIND)],
}


@pytest.fixture
def _fresh_statements() -> Any:
    _forget()
    yield
    _forget()


def _forget() -> None:
    work_statements.page.cache_clear()


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_door_shows_what_a_check_of_each_case_would(intake: Intake, tmp_path: Path, seed: int) -> None:
    world = await made(intake, tmp_path, seed)
    assert any(world.seen(each) for each in world.officers)
    assert {name: await door(world) for name, door in DOORS.items()} == {name: [] for name in DOORS}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.usefixtures("_fresh_statements")
async def test_a_door_without_the_predicate_is_found_out(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    world = await made(intake, tmp_path, 3)
    for module, name, blind in WITHOUT[door]:
        monkeypatch.setattr(module, name, blind)
    _forget()
    assert await DOORS[door](world) != []


@pytest.mark.parametrize("door", FORGOTTEN)
@pytest.mark.usefixtures("_fresh_statements")
async def test_a_door_that_forgets_who_takes_in_and_hands_out_is_found_out(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    world = await made(intake, tmp_path, 3)
    for module, name, forgetful in FORGOTTEN[door]:
        monkeypatch.setattr(module, name, forgetful)
    _forget()
    if door == "event":
        with pytest.raises(AssertionError, match="not within"):
            await DOORS[door](world)
    else:
        assert await DOORS[door](world) != []


async def test_what_was_missed_is_found_out_too(intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await made(intake, tmp_path, 3)
    monkeypatch.setattr(moves, "sight", BLIND)
    assert [each for each in await by_event(world) if each.startswith("missed")]


async def test_the_feed_of_dispatches_is_limited_too(intake: Intake) -> None:
    number = await intake.submitted()
    limits = {None: [number], frozenset({number.task_code.basic}): [number], frozenset(): []}
    for limit, wanted in limits.items():
        scope = Scope(division=cases.HUANGPU, matters=limit)
        # It waits for whatever writes in the server now, also for other tests.
        await eventually(partial(_is_fed, intake, scope, wanted))


async def _is_fed(intake: Intake, scope: Scope, wanted: list[str]) -> bool:
    async with intake.database.reading() as session:
        return [each.number for each in (await dispatches.feed(session, scope, after=Place())).items] == wanted
