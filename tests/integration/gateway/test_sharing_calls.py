"""数据共享核验 at the door: from inside a scene a supplier is asked, from outside nobody is; whoever looked is on record."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from chassis.database import Database
from chassis.working_days import local_day
from contracts.events.access import DataAccessed
from contracts.values import DivisionCode, OrganisationId
from gateway.registry.tables import daily_calls
from tests.integration.gateway.door import Behind
from tests.integration.gateway.sharing_city import (
    AT,
    CASE,
    CIVIL,
    ITEM,
    NAME,
    NUMBER,
    ORGANISATION,
    PERSON,
    STRANGER,
    City,
    scene,
    sharing_city,
    standing,
)
from tests.support.eventually import eventually
from tests.support.service import published


@pytest.fixture
async def city(database_of: Callable[[str], Database], tmp_path: Path, behind: Behind, upstream: str) -> AsyncIterator[City]:
    async with sharing_city(database_of("gateway.registry"), tmp_path, behind, upstream) as running:
        yield running


@pytest.fixture
async def scene_id(city: City) -> str:
    await city.publish()
    return await city.authorised()


async def test_a_case_is_answered_with_source_and_time_and_its_holder_reads_of_it(city: City, scene_id: str) -> None:
    with capture_logs() as logs:
        answer = await city.verify(scene_id)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["matches"], said["source"], said["source_code"], said["version"]) == ({"marital_status": True}, "示例·supplier", CIVIL, 1)
    assert said["as_of"] < said["asked_at"]
    assert said["is_stale"] is False
    assert "tongban-data-access" not in answer.headers
    row = await city.door.decision(answer)
    assert (row.case_number, row.officer, row.upstream) == (CASE, "of-001", "gateway")
    looks = {event.owner: event for event in await published(city.door.database, DataAccessed)}
    by_officer = looks["gateway"]
    assert (by_officer.subjects, by_officer.officer, by_officer.party) == ((PERSON,), "of-001", city.door.parties["district"])
    assert (by_officer.case_number, by_officer.purpose, by_officer.grade) == (CASE, scene()["purpose"], 3)
    assert by_officer.items == ("示例·supplier 示例·婚姻登记核验：婚姻状况",)
    assert (looks["identity"].service, looks["identity"].case_number) == ("gateway", CASE)
    assert not any(secret in str(logs) for secret in (NAME, NUMBER, "已婚"))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"scene": "0197e0c3-1a80-7b33-8f4e-92d1b0a3c704"}, "no-scene"),
        ({"kind": "elsewhere"}, "no-scene"),
        ({"case": CASE.replace("310101900000", "310101901000")}, "matter-outside-scene"),
        ({"code": "other-item"}, "data-item-not-found"),
        ({"claims": {"marital_status": "已婚", "registered_at": "x"}}, "field-outside-scene"),
        ({"claims": {"salary": 1}}, "field-outside-scene"),
        ({"subject": STRANGER}, "subject-not-in-case"),
        ({"subject": {"type": "RIC", "number": "319999198811220022"}}, "subject-not-in-case"),
    ],
)
async def test_a_call_outside_its_scene_is_refused_by_name_and_reaches_nobody(
    city: City, scene_id: str, more: dict[str, Any], named: str
) -> None:
    answer = await city.verify(more.get("scene", scene_id), **{name: value for name, value in more.items() if name != "scene"})
    assert answer.json()["code"] == named, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await city.calls() == 0


async def test_a_subject_may_be_named_by_their_own_id_or_document(city: City, scene_id: str) -> None:
    for subject in ("applicant", PERSON, {"type": "RIC", "number": NUMBER.lower()}):
        answer = await city.verify(scene_id, subject=subject)
        assert answer.json().get("matches") == {"marital_status": True}, answer.text


async def test_an_organisation_is_asked_about_by_its_credit_code_and_has_a_ledger_too(city: City) -> None:
    await city.publish(about="organisation", service="registry")
    scene_id = await city.authorised()
    city.standing = standing(person_id=None, organisation_id=ORGANISATION, submitted_by=PERSON)
    answer = await city.verify(scene_id)
    assert answer.json().get("matches") == {"marital_status": None}, answer.text
    looks = {event.owner: event for event in await published(city.door.database, DataAccessed)}
    assert [(each.subjects, each.organisations) for each in looks.values()] == [((), (ORGANISATION,))] * 2


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"is_alive": False}, "case-not-alive"),
        ({"division": DivisionCode("310104")}, "case-not-yours"),
        ({"person_id": None, "organisation_id": OrganisationId.new()}, "subject-not-in-case"),
    ],
)
async def test_only_a_living_case_of_ones_own_counts(city: City, scene_id: str, more: dict[str, Any], named: str) -> None:
    city.standing = standing(**more)
    answer = await city.verify(scene_id)
    assert (answer.status_code, answer.json()["rule"]) == (403, named)
    assert await city.calls() == 0


async def test_a_case_that_nobody_knows_is_not_yours(city: City, scene_id: str) -> None:
    answer = await city.verify(scene_id, case=CASE[:-1] + "8")
    assert answer.json()["rule"] == "case-not-yours"


async def test_only_a_signed_system_with_an_officer_calls(city: City, scene_id: str) -> None:
    path, said = f"/cases/{CASE}/data-items/{ITEM['code']}/verifications", {"scene": scene_id, "claims": {"marital_status": "已婚"}}
    unnamed = await city.door.signed("district", "POST", path, said=said)
    assert (unnamed.status_code, unnamed.json()["rule"].rpartition("/")[2]) == (403, "officer-required")
    app = await city.door.call("POST", path, {**city.door.bearer(PERSON), "content-type": "application/json"}, b"{}")
    assert app.json()["code"] == "permission-not-granted"


async def test_verify_is_preferred_to_query(city: City) -> None:
    await city.publish(modes=["verify", "query"])
    verifying = await city.authorised()
    refused = await city.query(verifying, "marital_status")
    assert (refused.status_code, refused.json()["rule"]) == (403, "verify-preferred")
    grant = {"item": ITEM["code"], "mode": "query", "fields": ["marital_status"]}
    unexplained = await city.apply(items=[grant])
    assert unexplained.json()["errors"] == [{"field": ITEM["code"], "rule": "verify-preferred"}]
    querying = await city.authorised(items=[{**grant, "why_query": "示例：须在证照上载明"}])
    answer = await city.query(querying, "marital_status")
    assert answer.json().get("values") == {"marital_status": "已婚"}, answer.text
    assert (await city.query(querying, "marital_status", "registered_at")).json()["rule"] == "field-outside-scene"
    assert (await city.verify(querying)).json().get("matches") == {"marital_status": True}


async def test_a_scene_ends_at_once_when_it_is_revoked_and_by_itself_when_it_is_over(city: City, scene_id: str) -> None:
    stranger = await city.post("elsewhere", f"/scenes/{scene_id}/revocation", {"reason": "x"})
    assert stranger.status_code == 403
    revoked = await city.post("supplier", f"/scenes/{scene_id}/revocation", {"reason": "示例"})
    assert (revoked.json()["state"], revoked.json()["revoked_by"]) == ("revoked", "of-001")
    assert (await city.verify(scene_id)).json()["rule"] == "scene-revoked"
    tomorrow = local_day(AT) + timedelta(days=1)
    early = await city.authorised(valid_from=str(tomorrow))
    assert (await city.verify(early)).json()["rule"] == "scene-expired"
    assert await city.calls() == 0


async def test_what_enters_the_negative_list_is_out_of_every_scene_at_once(city: City, scene_id: str) -> None:
    entry = {"item": ITEM["code"], "reason": "示例", "basis": "示例", "review_on": str(local_day(AT)), "provenance": "illustrative"}
    listed = await city.post("operator", "/negative-list", entry)
    assert [(each["item"], each["is_review_due"]) for each in listed.json()] == [(ITEM["code"], True)]
    assert (await city.verify(scene_id)).json()["rule"] == "negative-list"
    assert (await city.apply()).json()["errors"] == [{"field": ITEM["code"], "rule": "negative-list"}]
    assert await city.calls() == 0


async def test_a_daily_cap_is_never_exceeded_however_many_ask_at_once(city: City) -> None:
    await city.publish()
    scene_id = await city.authorised(daily_cap=3)
    answers = await asyncio.gather(*(city.verify(scene_id) for _ in range(9)))
    assert sorted(each.status_code for each in answers) == [200] * 3 + [429] * 6
    assert {each.json()["rule"] for each in answers if each.status_code == 429} == {"daily-cap"}
    assert await city.calls() == 3
    assert [(each["calls"], each["limit"]) for each in await city.get("district", f"/scenes/{scene_id}/usage")] == [(3, 3)]
    assert [each["calls"] for each in await city.get("supplier", f"/data-items/{ITEM['code']}/usage")] == [3]


async def test_an_items_quota_is_shared_by_all_scenes_and_counts_nothing_when_it_refuses(city: City) -> None:
    await city.publish(quota_per_day=1)
    first, second = await city.authorised(), await city.authorised()
    assert (await city.verify(first)).status_code == 200
    refused = await city.verify(second)
    assert (refused.status_code, refused.json()["rule"]) == (429, "item-quota")
    async with city.door.database.reading() as session:
        counted = {row.what: row.calls for row in await session.execute(sa.select(daily_calls))}
    assert counted == {f"scene:{first}": 1, f"item:{ITEM['code']}": 1}


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ({"kind": "refused"}, 502, "supplier-refused"),
        ({"kind": "nonsense"}, 502, "supplier-answer-not-valid"),
        ({"kind": "elsewhere"}, 502, "supplier-refused"),
        ({"kind": "endless"}, 503, "supplier-away"),
        ({"is_down": True}, 503, "supplier-away"),
        ({"delay_s": 5}, 503, "supplier-away"),
    ],
)
async def test_a_supplier_that_fails_is_named_and_nothing_was_shown(
    city: City, scene_id: str, answers: dict[str, Any], status: int, code: str
) -> None:
    await city.supplier_is(**answers)
    answer = await city.verify(scene_id)
    assert (answer.status_code, answer.json()["code"], answer.json()["supplier"]) == (status, code, "示例·supplier")
    assert {event.owner for event in await published(city.door.database, DataAccessed)} == {"identity"}


async def test_a_supplier_is_not_asked_for_more_than_it_offers_nor_believed_when_it_says_more(city: City) -> None:
    await city.publish(modes=["query"])
    scene_id = await city.authorised(items=[{"item": ITEM["code"], "mode": "query", "fields": ["marital_status"]}])
    assert (await city.verify(scene_id)).json()["rule"] == "mode-not-offered"
    await city.supplier_is(kind="greedy")
    assert (await city.query(scene_id, "marital_status")).json()["code"] == "supplier-answer-not-valid"


async def test_old_data_says_so_or_is_refused_where_only_fresh_data_counts(city: City, scene_id: str) -> None:
    await city.supplier_is(kind="stale")
    assert (await city.verify(scene_id)).json()["is_stale"] is True
    await city.publish(refuses_stale=True)
    refused = await city.verify(scene_id)
    assert (refused.status_code, refused.json()["code"]) == (502, "data-stale")


async def test_a_supplier_that_keeps_failing_is_left_alone_for_a_while(city: City, scene_id: str) -> None:
    await city.supplier_is(is_down=True)
    for _ in range(5):
        assert (await city.verify(scene_id)).status_code == 503
    await city.supplier_is(is_down=False)
    asked = await city.calls()
    assert (await city.verify(scene_id)).json()["code"] == "supplier-away"
    assert await city.calls() == asked

    async def is_back() -> bool:
        return (await city.verify(scene_id)).status_code == 200

    await eventually(is_back, within=10)


async def test_national_and_district_suppliers_are_asked_in_the_same_way(city: City) -> None:
    for level, service in (("national", "education"), ("district", "marriage")):
        code = await city.publish(code=f"item-{level}", level=level, service=service)
        grant = {"item": code, "mode": "verify", "fields": ["marital_status"]}
        answer = await city.verify(await city.authorised(items=[grant]), code=code)
        assert answer.json().get("matches") == {"marital_status": True if service == "marriage" else None}, answer.text
