"""An import is submitted by one officer and published by another."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from chassis.clock import FixedClock
from chassis.http import CallerFacts
from chassis.working_days import SHANGHAI
from contracts.events.catalogue import MatterPublished
from contracts.values import OfficerId, PartyId
from services.catalogue.tables import divisions, matters, versions
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.support.service import published

RESIDENCE_PERMIT = "312001903000"


@pytest.fixture
def bureau(desk: Desk) -> CallerFacts:
    """The first officer of a department."""
    return desk.party(officer=OfficerId("db-001"))


async def submitted(desk: Desk, facts: CallerFacts, document: dict[str, Any]) -> dict[str, Any]:
    answer = await desk.door.call("POST", "/matters/imports", facts=facts, json=document)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def asked(desk: Desk, facts: CallerFacts, path: str = "") -> httpx.Response:
    return await desk.door.call("GET", f"/matters/imports{path}", facts=facts)


async def count(desk: Desk, table: sa.Table) -> int:
    async with desk.database.reading() as session:
        found: int = (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
        return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_what_is_submitted_waits_and_is_published_by_a_second_person(desk: Desk, bureau: CallerFacts) -> None:
    waiting = await submitted(desk, bureau, seed(DOG))
    assert (waiting["state"], waiting["submitted_by"], waiting["created"]) == ("waiting", "db-001", 1)
    assert [await count(desk, table) for table in (divisions, matters, versions)] == [0, 0, 0]
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).status_code == 404
    answer = await desk.review(waiting, bureau, note="同意")
    said = answer.json()
    assert (answer.status_code, said["state"], said["reviewed_by"], said["note"]) == (200, "published", "db-002", "同意")
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).status_code == 200
    assert [(event.basic_code, event.version) for event in await published(desk.database, MatterPublished)] == [(DOG, 1)]
    assert code(await desk.review(waiting, bureau)) == (409, "import-not-waiting")


async def test_nobody_reviews_what_they_submitted(desk: Desk, bureau: CallerFacts) -> None:
    waiting = await submitted(desk, bureau, seed(DOG))
    assert code(await desk.review(waiting, bureau, officer="db-001")) == (409, "import-same-officer")
    assert await count(desk, versions) == 0


async def test_an_import_is_its_partys_own(desk: Desk, bureau: CallerFacts) -> None:
    waiting = await submitted(desk, bureau, seed(DOG))
    other = replace(bureau, party=PartyId.new(), officer=OfficerId("ga-001"))
    assert code(await desk.review(waiting, other)) == (404, "import-not-found")
    for path in (f"/{waiting['id']}", f"/{waiting['id']}/document"):
        assert code(await asked(desk, other, path)) == (404, "import-not-found")
    assert (await asked(desk, other)).json()["items"] == []


async def test_without_an_officer_nothing_is_submitted(desk: Desk, bureau: CallerFacts) -> None:
    answer = await desk.door.call("POST", "/matters/imports", facts=replace(bureau, officer=None), json=seed(DOG))
    assert answer.status_code == 403


async def test_a_review_is_of_the_document_that_was_read(desk: Desk, bureau: CallerFacts) -> None:
    waiting = await submitted(desk, bureau, seed(DOG))
    assert code(await desk.review(waiting | {"digest": "0" * 64}, bureau)) == (409, "import-other-digest")
    document = (await asked(desk, bureau, f"/{waiting['id']}/document")).json()
    assert [each["basic_code"] for each in document["matters"]] == [DOG]
    assert document["divisions"] == seed(DOG)["divisions"]


async def test_imports_are_listed_the_newest_first(desk: Desk, bureau: CallerFacts) -> None:
    first, second = await submitted(desk, bureau, seed(DOG)), await submitted(desk, bureau, seed(RESIDENCE_PERMIT))
    await desk.review(first, bureau, outcome="reject", note="依据不足")
    listed = (await asked(desk, bureau)).json()["items"]
    assert [(each["id"], each["state"]) for each in listed] == [(second["id"], "waiting"), (first["id"], "rejected")]
    assert [each["id"] for each in (await asked(desk, bureau, "?state=waiting")).json()["items"]] == [second["id"]]
    assert (await asked(desk, bureau, f"/{first['id']}")).json()["note"] == "依据不足"
    assert await count(desk, versions) == 0


async def test_the_same_document_waits_once(desk: Desk, bureau: CallerFacts) -> None:
    first, again = await submitted(desk, bureau, seed(DOG)), await submitted(desk, bureau, seed(DOG))
    assert again["id"] == first["id"]
    assert len((await asked(desk, bureau)).json()["items"]) == 1


async def test_what_was_published_in_between_makes_an_import_stale(desk: Desk, bureau: CallerFacts) -> None:
    document = seed(DOG)
    await desk.take(document)
    document["matters"][0]["promised"]["working_days"] = 8
    waiting = await submitted(desk, bureau, document)
    other = seed(DOG)
    other["matters"][0]["promised"]["working_days"] = 7
    assert (await desk.take(other)).status_code == 200
    refused = await desk.review(waiting, bureau)
    assert code(refused) == (409, "import-stale")
    assert refused.json()["matters"] == [DOG]
    assert await count(desk, versions) == 2
    again = await submitted(desk, bureau, document)
    assert again["id"] != waiting["id"]
    (part,) = again["findings"]["changes"][0]["parts"]
    assert (part["path"], part["before"], part["after"]) == ("promised.working_days", 7, 8)
    assert part["zh"]
    assert part["en"]
    assert (await asked(desk, bureau, f"/{waiting['id']}")).json()["state"] == "superseded"
    assert (await desk.review(again, bureau)).status_code == 200


async def test_a_field_changed_in_between_makes_an_import_stale(desk: Desk, bureau: CallerFacts) -> None:
    document = seed(DOG)
    await desk.take(document)
    (field,) = [each for each in document["fields"] if each["name"] == "dog_name"]
    field["value"] = {"type": "string", "maxLength": 5}
    waiting = await submitted(desk, bureau, {"fields": [field]})
    assert waiting["findings"]["changes"] == [
        {"basic_code": DOG, "name": "犬类准养证核发", "kind": "revised", "parts": [], "because": ["dog_name"]}
    ]
    assert (await desk.take({"fields": [field | {"value": {"type": "string", "maxLength": 6}}]})).status_code == 200
    refused = await desk.review(waiting, bureau)
    assert code(refused) == (409, "import-stale")
    assert refused.json()["beside"] == ["fields"]


async def test_what_does_not_touch_an_import_leaves_it_as_it_is(desk: Desk, bureau: CallerFacts) -> None:
    await desk.take(seed(DOG))
    waiting = await submitted(desk, bureau, seed(RESIDENCE_PERMIT))
    document = seed(DOG)
    document["matters"][0]["visits"] = 1
    await desk.take(document)
    assert (await desk.review(waiting, bureau)).status_code == 200


async def test_a_dry_run_says_place_by_place_what_would_change(desk: Desk, bureau: CallerFacts) -> None:
    await desk.take(seed(DOG))
    document = seed(DOG, RESIDENCE_PERMIT) | {"dry_run": True}
    (dog,) = [each for each in document["matters"] if each["basic_code"] == DOG]
    dog["promised"]["working_days"] = 8
    dog["materials"][1]["is_required"] = not dog["materials"][1]["is_required"]
    dog["implementations"].pop()
    found = await submitted(desk, bureau, document)
    assert (found["created"], found["revised"], found["unchanged"], found["dry_run"]) == (1, 1, 0, True)
    by_code = {each["basic_code"]: each for each in found["changes"]}
    assert by_code[RESIDENCE_PERMIT]["kind"] == "created"
    parts = {each["path"]: (each["before"], each["after"]) for each in by_code[DOG]["parts"]}
    assert parts["promised.working_days"] == (9, 8)
    assert parts["materials[vaccination-proof].is_required"] == (True, False)
    assert any(name.startswith("implementations[") and said[1] is None for name, said in parts.items())
    assert await count(desk, versions) == 1
    assert (await asked(desk, bureau)).json()["items"] == []


async def test_an_import_can_come_into_force_later(desk: Desk, bureau: CallerFacts, clock: FixedClock) -> None:
    document = seed(DOG)
    await desk.take(document)
    document["matters"][0]["promised"]["working_days"] = 8
    today = clock.now().astimezone(SHANGHAI).date()
    waiting = await submitted(desk, bureau, document)
    past = await desk.review(waiting, bureau, effective_on=str(today - timedelta(days=1)))
    assert code(past) == (422, "effective-in-the-past")
    answer = await desk.review(waiting, bureau, effective_on=str(today + timedelta(days=3)))
    assert (answer.status_code, answer.json()["effective_on"]) == (200, str(today + timedelta(days=3)))
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["version"] == 1
    clock.advance(timedelta(days=3))
    guide = (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()
    assert (guide["version"], guide["matter"]["promised"]["working_days"]) == (2, 8)


async def test_every_broken_rule_is_told_in_both_languages(desk: Desk, bureau: CallerFacts) -> None:
    document = seed(DOG)
    document["matters"][0]["promised"]["working_days"] = 300
    document["matters"][0]["form"].append("shoe_size")
    answer = await desk.door.call("POST", "/matters/imports", facts=bureau, json=document)
    assert code(answer) == (422, "import-refused")
    told = {(each["rule"], each["zh"]) for each in answer.json()["errors"]}
    assert ("a promise is not longer than the statutory limit", "承诺时限不得超过法定时限") in told
    assert ("the field shoe_size is in the dictionary", "字段 shoe_size 不在字段字典中") in told
