import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.clock import FixedClock
from contracts.events.catalogue import MatterChanged, MatterPublished
from services.catalogue import worker
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.component.catalogue.offices import Office
from tests.support.eventually import eventually
from tests.support.service import published
from tests.support.station import running

WHY = {"reason": "示例：系统升级"}
RESIDENCE_PERMIT = "312001903000"
# A second, and what a machine that runs tests beside tests may take on top.
_WITHIN_S = 2.0


@pytest.fixture
async def department(desk: Desk) -> Office:
    assert (await desk.take(seed(DOG))).status_code == 200
    return Office(desk)


async def guide_of(desk: Desk) -> tuple[int, Any]:
    answer = await desk.get(f"/matters/{DOG_IN_HUANGPU}")
    return answer.status_code, answer.json().get("version") or answer.json()["code"]


async def names(desk: Desk, query: str) -> list[str]:
    return [each["name"] for each in await desk.found(query)][:1]


async def test_a_version_with_a_future_date_comes_into_force_by_itself(department: Office, clock: FixedClock) -> None:
    desk = department.desk
    tomorrow = clock.now() + timedelta(days=1)
    done = await department.published(await department.revised(DOG, name="犬只登记"), effective_at=tomorrow.isoformat())
    assert done["published_version"] == 2
    (event,) = (await published(desk.database, MatterPublished))[1:]
    assert (event.version, event.published_at, event.effective_at) == (2, clock.now(), tomorrow)
    assert await guide_of(desk) == (200, 1)
    clock.advance(timedelta(days=1))
    assert await guide_of(desk) == (200, 2)
    assert (await desk.definition(DOG_IN_HUANGPU)).json()["name"] == "犬只登记"
    assert (await desk.definition(DOG_IN_HUANGPU, query="?version=1")).json()["name"] == "犬类准养证核发"


async def test_workers_let_it_be_found_within_a_second(department: Office, clock: FixedClock) -> None:
    """Three of them at once, as in production: each matter is settled by one."""
    desk = department.desk
    tomorrow = clock.now() + timedelta(days=1)
    await department.published(await department.revised(DOG, name="犬只登记"), effective_at=tomorrow.isoformat())
    parts = [worker.coming_into_force(desk.database, clock) for _ in range(3)]
    async with running(parts[0].main), running(parts[1].main), running(parts[2].main):
        assert await names(desk, "犬只登记") != ["犬只登记"]
        clock.advance(timedelta(days=1))

        async def is_found() -> bool:
            return await names(desk, "犬只登记") == ["犬只登记"]

        await eventually(is_found, within=_WITHIN_S)


async def test_a_new_matter_cannot_be_applied_for_before_its_day(desk: Desk, clock: FixedClock) -> None:
    document = seed(DOG)
    (matter,) = document.pop("matters")
    await desk.take(document)
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    office = Office(desk)
    await office.published(await office.start({"matter": matter}), effective_at=tomorrow)
    assert await guide_of(desk) == (404, "matter-not-found")
    assert (await desk.definition(DOG_IN_HUANGPU)).status_code == 404
    assert await desk.found("养狗证") == []
    listed = (await office.ask("GET", f"/matters/{DOG}/versions")).json()
    assert [(each["version"], each["is_in_force"]) for each in listed["versions"]] == [(1, False)]
    clock.advance(timedelta(days=2))
    assert await guide_of(desk) == (200, 1)


async def test_versions_come_into_force_in_their_order(department: Office, clock: FixedClock) -> None:
    day = timedelta(days=1)
    early, late = ((clock.now() + each).isoformat() for each in (day, 2 * day))
    await department.published(await department.revised(DOG, visits=1), effective_at=late)
    approved = await department.approved(await department.revised(DOG, aliases=["狗证"]))
    answer = await department.do(approved, "publication", {"effective_at": early}, by="W-002")
    assert (answer.status_code, answer.json()["code"]) == (409, "version-scheduled")
    past = (clock.now() - day).isoformat()
    answer = await department.do(approved, "publication", {"effective_at": past}, by="W-002")
    assert (answer.status_code, answer.json()["code"]) == (422, "effective-in-the-past")
    await department.done(approved, "publication", {}, by="W-002")
    listed = (await department.ask("GET", f"/matters/{DOG}/versions")).json()["versions"]
    assert [(each["version"], each["is_in_force"]) for each in listed] == [(3, False), (2, False), (1, True)]
    assert listed[0]["effective_at"] == listed[1]["effective_at"]


async def test_what_is_suspended_cannot_be_applied_for_until_it_is_resumed(department: Office) -> None:
    desk = department.desk
    said = await department.ask("POST", f"/matters/{DOG}/suspension", WHY)
    assert (said.status_code, said.json()["state"], said.json()["officer"]) == (200, "suspended", "W-001")
    assert await guide_of(desk) == (409, "matter-suspended")
    refused = await desk.definition(DOG_IN_HUANGPU)
    assert (refused.status_code, refused.json()["reason"]) == (409, "示例：系统升级")
    assert (await desk.definition(DOG_IN_HUANGPU, query="?version=1")).status_code == 200
    assert await desk.found("养狗证") == []
    twice = await department.ask("POST", f"/matters/{DOG}/suspension", WHY)
    assert (twice.status_code, twice.json()["code"]) == (409, "matter-not-in-this-state")
    assert (await department.ask("POST", f"/matters/{DOG}/resumption", WHY)).status_code == 200
    assert await guide_of(desk) == (200, 1)
    assert await names(desk, "养狗证") == ["犬类准养证核发"]
    assert [each.state for each in await published(desk.database, MatterChanged)] == ["suspended", "in_use"]


async def test_what_is_retired_stays_so_and_its_running_cases_go_on(department: Office, clock: FixedClock) -> None:
    desk = department.desk
    tomorrow = clock.now() + timedelta(days=1)
    draft = await department.approved(await department.revised(DOG, visits=1))
    said = await department.ask("POST", f"/matters/{DOG}/retirement", WHY | {"from_at": tomorrow.isoformat()})
    assert said.status_code == 200
    assert await guide_of(desk) == (200, 1)
    clock.advance(timedelta(days=1))
    assert await guide_of(desk) == (409, "matter-retired")
    assert (await desk.definition(DOG_IN_HUANGPU)).json()["code"] == "matter-retired"
    assert (await desk.definition(DOG_IN_HUANGPU, query="?version=1")).status_code == 200
    async with running(worker.coming_into_force(desk.database, clock).main):

        async def is_gone() -> bool:
            return await desk.found("养狗证") == []

        await eventually(is_gone, within=_WITHIN_S)
    for step in ("resumption", "suspension", "retirement"):
        answer = await department.ask("POST", f"/matters/{DOG}/{step}", WHY)
        assert (answer.status_code, answer.json()["code"]) == (409, "matter-not-in-this-state"), step
    refused = await department.do(draft, "publication", {}, by="W-002")
    assert (refused.status_code, refused.json()["code"]) == (409, "matter-retired")
    assert (await department.ask("GET", f"/matters/{DOG}/versions")).json()["state"] == "retired"


async def test_a_standing_of_no_matter_or_of_the_past_is_refused(department: Office, clock: FixedClock) -> None:
    unknown = await department.ask("POST", f"/matters/{RESIDENCE_PERMIT}/suspension", WHY)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "matter-not-found")
    past = WHY | {"from_at": (clock.now() - timedelta(seconds=1)).isoformat()}
    assert (await department.ask("POST", f"/matters/{DOG}/suspension", past)).json()["code"] == "effective-in-the-past"
    assert (await department.ask("POST", f"/matters/{DOG}/suspension", {})).status_code == 422


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET content = content",
        "UPDATE versions SET form_fields = '[]'",
        "UPDATE versions SET effective_at = now()",
        "DELETE FROM versions",
        "TRUNCATE versions",
        "UPDATE standings SET reason = ''",
        "DELETE FROM standings",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_published(department: Office, statement: str) -> None:
    await department.ask("POST", f"/matters/{DOG}/suspension", WHY)
    with pytest.raises(DBAPIError, match="what is published never changes"):
        async with department.desk.database.engine.begin() as connection:
            await connection.execute(sa.text(statement))


async def test_two_versions_differ_in_words(department: Office) -> None:
    draft = await department.start({"revise": DOG})
    matter = (await department.read(draft))["matter"]
    matter["materials"] = list(reversed(matter["materials"]))
    matter["materials"][-1]["is_required"] = False
    matter["implementations"] = [each for each in matter["implementations"] if each["task_code"] != DOG_IN_HUANGPU]
    await department.published(await department.done(draft, "", {"matter": matter}))
    answer = await department.ask("GET", f"/matters/{DOG}/versions/1/diff/2")
    changes = {each["path"]: each for each in answer.json()["changes"]}
    assert set(changes) == {"materials[identity-card].is_required", "materials[]", f"implementations[{DOG_IN_HUANGPU}]"}
    required = changes["materials[identity-card].is_required"]
    assert (required["before"], required["after"]) == (True, False)
    assert required["zh"] == "材料 申请人居民身份证：是否必要"
    assert required["en"] == "materials 申请人居民身份证: is required"
    assert changes[f"implementations[{DOG_IN_HUANGPU}]"]["after"] is None
    back = (await department.ask("GET", f"/matters/{DOG}/versions/2/diff/1")).json()["changes"]
    assert {each["path"] for each in back} == set(changes)
    assert (await department.ask("GET", f"/matters/{DOG}/versions/1/diff/1")).json()["changes"] == []
    for path in ("versions/3", "versions/1/diff/3"):
        assert (await department.ask("GET", f"/matters/{DOG}/{path}")).json()["code"] == "version-not-found"
    assert (await department.ask("GET", f"/matters/{RESIDENCE_PERMIT}/versions")).json()["code"] == "matter-not-found"


async def test_a_version_is_read_whole_as_it_was(department: Office) -> None:
    before = (await department.ask("GET", f"/matters/{DOG}/versions/1")).json()
    await department.published(await department.revised(DOG, visits=1))
    after = (await department.ask("GET", f"/matters/{DOG}/versions/1")).json()
    assert (before.pop("is_in_force"), after.pop("is_in_force")) == (True, False)
    assert before == after
    assert [each["name"] for each in after["fields"]] == after["matter"]["form"]


async def test_publishing_while_a_version_comes_into_force_shows_the_last_one(department: Office, clock: FixedClock) -> None:
    desk = department.desk
    tomorrow = clock.now() + timedelta(days=1)
    await department.published(await department.revised(DOG, name="犬只登记"), effective_at=tomorrow.isoformat())
    approved = await department.approved(await department.revised(DOG, name="犬只许可"))
    clock.advance(timedelta(days=1))
    part = worker.coming_into_force(desk.database, clock)
    async with running(part.main):
        answer, _ = await asyncio.gather(department.do(approved, "publication", {}, by="W-002"), asyncio.sleep(0))
        assert answer.status_code == 200

        async def is_settled() -> bool:
            async with desk.database.reading() as session:
                row = await session.execute(sa.text("SELECT version, newest, next_at FROM matters"))
                return tuple(row.one()) == (3, 3, None)

        await eventually(is_settled)
    assert await names(desk, "犬只许可") == ["犬只许可"]
