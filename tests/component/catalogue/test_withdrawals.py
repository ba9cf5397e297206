"""What is scheduled is taken back before its day, by two."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.clock import FixedClock
from contracts.events.catalogue import MatterChanged, MatterWithdrawn
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.component.catalogue.offices import Office
from tests.support.service import published

VERSION, RETIREMENT = f"/matters/{DOG}/versions/2/withdrawal", f"/matters/{DOG}/retirement/withdrawal"
WHY = {"reason": "示例：改期"}
DAY = timedelta(days=1)


@pytest.fixture
async def department(desk: Desk) -> Office:
    assert (await desk.take(seed(DOG))).status_code == 200
    return Office(desk)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def scheduled(office: Office, clock: FixedClock, **changed: Any) -> int:
    """A revision that comes into force tomorrow."""
    done = await office.published(await office.revised(DOG, **changed), effective_at=(clock.now() + DAY).isoformat())
    version: int = done["published_version"]
    return version


async def withdrawn(office: Office, path: str) -> dict[str, Any]:
    assert (await office.ask("POST", path, WHY)).status_code == 200
    answer = await office.ask("POST", f"{path}/review", {"approve": True}, by="W-002")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_scheduled_version_is_taken_back_by_two_and_never_comes_into_force(department: Office, clock: FixedClock) -> None:
    await scheduled(department, clock, visits=1)
    asked = (await department.ask("POST", VERSION, WHY)).json()
    assert (asked["version"], asked["outcome"], asked["asked_by"]) == (2, "waiting", "W-001")
    assert (await department.ask("POST", VERSION, {"reason": "again"})).json() == asked
    review = {"approve": True}
    assert code(await department.ask("POST", f"{VERSION}/review", review)) == (409, "withdrawal-same-officer")
    done = (await department.ask("POST", f"{VERSION}/review", review, by="W-002")).json()
    assert (done["outcome"], done["decided_by"]) == ("approved", "W-002")
    assert [(each.basic_code, each.version) for each in await published(department.desk.database, MatterWithdrawn)] == [(DOG, 2)]
    changes = (await department.ask("GET", "/matter-changes?since=0")).json()["items"]
    assert [(each["version"], each["kind"]) for each in changes] == [(1, "published"), (2, "published"), (2, "withdrawn")]
    clock.advance(2 * DAY)
    assert (await department.desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["version"] == 1
    listed = (await department.ask("GET", f"/matters/{DOG}/versions")).json()["versions"]
    assert [(each["version"], each["is_in_force"], each["withdrawn_at"] is None) for each in listed] == [(2, False, False), (1, True, True)]


async def test_what_follows_stands_on_the_version_before_and_has_a_number_of_its_own(department: Office, clock: FixedClock) -> None:
    await scheduled(department, clock, visits=1)
    await withdrawn(department, VERSION)
    copy = (await department.desk.door.call("GET", "/catalogue/export", facts=department.desk.party())).json()
    assert copy["matters"][0]["visits"] != 1
    again = await department.desk.take(copy | {"dry_run": True})
    assert (again.json()["revised"], again.json()["unchanged"]) == (0, 1)
    done = await department.published(await department.revised(DOG, name="犬只登记"))
    assert done["published_version"] == 3
    assert (await department.desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["version"] == 3


async def test_a_new_matter_that_was_taken_back_can_be_published_anew(desk: Desk, clock: FixedClock) -> None:
    document = seed(DOG)
    (matter,) = document.pop("matters")
    await desk.take(document)
    office = Office(desk)
    await office.published(await office.start({"matter": matter}), effective_at=(clock.now() + DAY).isoformat())
    await withdrawn(office, f"/matters/{DOG}/versions/1/withdrawal")
    assert (await office.ask("POST", f"/matters/{DOG}/suspension", WHY)).status_code == 404
    assert (await desk.take(seed(DOG))).json()["findings"]["created"] == 1
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["version"] == 2


async def test_what_is_in_force_or_has_one_behind_it_stays(department: Office, clock: FixedClock) -> None:
    await scheduled(department, clock, visits=1)
    await scheduled(department, clock, aliases=["狗证"])
    for number in (1, 2, 9):
        assert code(await department.ask("POST", f"/matters/{DOG}/versions/{number}/withdrawal", WHY)) == (409, "nothing-scheduled"), number
    path = f"/matters/{DOG}/versions/3/withdrawal"
    assert code(await department.ask("POST", f"{path}/review", {"approve": True}, by="W-002")) == (409, "withdrawal-not-waiting")
    assert (await department.ask("POST", path, WHY)).status_code == 200
    rejected = (await department.ask("POST", f"{path}/review", {"approve": False}, by="W-002")).json()
    assert rejected["outcome"] == "rejected"
    assert (await department.ask("POST", path, WHY)).status_code == 200
    clock.advance(DAY)
    assert code(await department.ask("POST", f"{path}/review", {"approve": True}, by="W-002")) == (409, "nothing-scheduled")
    assert (await department.desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["version"] == 3


async def test_another_party_does_not_decide(department: Office, clock: FixedClock) -> None:
    await scheduled(department, clock, visits=1)
    await department.ask("POST", VERSION, WHY)
    other = Office(department.desk)
    assert code(await other.ask("POST", f"{VERSION}/review", {"approve": True}, by="X-001")) == (409, "withdrawal-not-waiting")
    district = Office(department.desk, kind="district", division="310101")
    assert code(await district.ask("POST", VERSION, WHY)) == (403, "draft-out-of-reach")


async def test_a_scheduled_retirement_is_taken_back_by_two(department: Office, clock: FixedClock) -> None:
    tomorrow = clock.now() + DAY
    assert code(await department.ask("POST", RETIREMENT, WHY)) == (409, "nothing-scheduled")
    await department.ask("POST", f"/matters/{DOG}/retirement", WHY | {"from_at": tomorrow.isoformat()})
    done = await withdrawn(department, RETIREMENT)
    assert (done["version"], done["outcome"]) == (None, "approved")
    assert [each.state for each in await published(department.desk.database, MatterChanged)] == ["retired", "in_use"]
    clock.advance(2 * DAY)
    assert (await department.desk.get(f"/matters/{DOG_IN_HUANGPU}")).status_code == 200
    said = (await department.ask("GET", f"/matters/{DOG}/versions")).json()
    assert (said["state"], said["standings"][0]["withdrawn_at"] is None) == ("in_use", False)
    assert (await department.ask("POST", f"/matters/{DOG}/retirement", WHY)).status_code == 200
    assert code(await department.ask("POST", RETIREMENT, WHY)) == (409, "nothing-scheduled")


async def test_the_database_itself_takes_nothing_back_that_is_in_force(department: Office) -> None:
    with pytest.raises(DBAPIError, match="what is published never changes"):
        async with department.desk.database.engine.begin() as connection:
            await connection.execute(sa.text("UPDATE versions SET withdrawn_at = effective_at + interval '1 day'"))
