"""What an agency says of its own is not lost by a document that leaves it out."""

import copy
from typing import Any

import pytest

from contracts.values import OfficerId
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.component.catalogue.offices import Office

OWN = {"promised": {"working_days": 3, "provenance": "illustrative"}, "hours": [{"text": "周六 9:00-12:00", "provenance": "illustrative"}]}


@pytest.fixture
async def district(desk: Desk) -> Desk:
    """Huangpu promises less time and is open on Saturdays."""
    assert (await desk.take(seed(DOG))).status_code == 200
    office = Office(desk, kind="district", division="310101")
    await office.published(await office.own(DOG_IN_HUANGPU, **OWN))
    return desk


async def dry(desk: Desk, document: dict[str, Any]) -> dict[str, Any]:
    answer = await desk.take(document | {"dry_run": True})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def own_terms(desk: Desk) -> tuple[int, str]:
    matter = (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["matter"]
    return matter["promised"]["working_days"], matter["hours"][0]["text"]


async def test_terms_that_a_document_leaves_out_are_kept_and_the_comparison_says_so(district: Desk) -> None:
    document = seed(DOG)
    found = await dry(district, document)
    assert found["left_out"] == [{"basic_code": DOG, "became": "kept", "task_codes": [DOG_IN_HUANGPU]}]
    assert (found["revised"], found["unchanged"]) == (0, 1)
    document["matters"][0]["visits"] = 1
    found = await dry(district, document)
    assert [each["path"] for each in found["changes"][0]["parts"]] == ["visits"]
    assert (await district.take(document)).status_code == 200
    assert await own_terms(district) == (3, "周六 9:00-12:00")


async def test_an_implementation_with_terms_of_its_own_is_kept_whole(district: Desk) -> None:
    document = seed(DOG)
    (matter,) = document["matters"]
    matter["implementations"] = [each for each in matter["implementations"] if each["task_code"] != DOG_IN_HUANGPU]
    assert (await dry(district, document))["left_out"][0]["task_codes"] == [DOG_IN_HUANGPU]
    assert (await district.take(document)).status_code == 200
    assert await own_terms(district) == (3, "周六 9:00-12:00")


async def test_what_a_document_says_itself_is_taken(district: Desk) -> None:
    document = seed(DOG)
    (one,) = [each for each in document["matters"][0]["implementations"] if each["task_code"] == DOG_IN_HUANGPU]
    one["promised"] = copy.deepcopy(OWN["promised"]) | {"working_days": 2}
    assert (await district.take(document)).status_code == 200
    assert await own_terms(district) == (2, "周六 9:00-12:00")


async def test_a_document_that_replaces_them_drops_them_by_name(district: Desk) -> None:
    document = seed(DOG) | {"local_terms": "replace"}
    facts = district.party(officer=OfficerId("db-001"))
    waiting = (await district.door.call("POST", "/matters/imports", facts=facts, json=document)).json()
    assert waiting["findings"]["left_out"] == [{"basic_code": DOG, "became": "dropped", "task_codes": [DOG_IN_HUANGPU]}]
    assert (await district.review(waiting, facts)).status_code == 200
    assert (await own_terms(district))[0] != 3
