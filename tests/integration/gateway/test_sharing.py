"""Items, the three lists, the catalogue, scenes and certificate types as agencies and operators use them at the door."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import working_days
from chassis.clock import FixedClock
from chassis.database import Database
from chassis.working_days import local_day
from contracts.events.certificate import CertificateTypeRegistered
from contracts.values import CertificateTypeCode
from gateway.registry.bootstrap import data_items
from gateway.registry.consumers import subscriptions
from gateway.registry.tables import scenes
from tests.integration.gateway.door import Behind
from tests.integration.gateway.sharing_city import AT, CIVIL, ITEM, MATTER, City, scene, sharing_city
from tests.support.service import Feed

DOG_LICENCE = CertificateTypeCode("11310000TE5T90015G004")
DEMAND = {
    "matter": MATTER, "item": ITEM["code"], "item_name": "婚姻登记", "purpose": "示例", "basis": "示例", "frequency": "逐件",
    "provenance": "illustrative",
}  # fmt: skip


@pytest.fixture
async def city(database_of: Callable[[str], Database], tmp_path: Path, behind: Behind, upstream: str) -> AsyncIterator[City]:
    async with sharing_city(database_of("gateway.registry"), tmp_path, behind, upstream) as running:
        yield running


async def test_an_item_is_offered_by_its_agency_and_used_after_a_review(city: City) -> None:
    wanted = {**ITEM, "url": f"{city.supplier_url}/marriage"}
    offered = await city.post("supplier", "/data-items", wanted, key="one")
    assert (offered.status_code, offered.json()["state"], offered.json()["owner"], offered.json()["grade"]) == (201, "proposed", CIVIL, 3)
    assert (await city.post("supplier", "/data-items", wanted, key="two")).json()["code"] == "data-item-in-review"
    assert (await city.post("police", "/data-items", wanted, key="three")).json()["code"] == "data-item-of-another"
    assert (await city.apply()).json()["errors"] == [{"field": ITEM["code"], "rule": "item-not-in-use"}]
    path = f"/data-items/{ITEM['code']}/review"
    assert (await city.post("supplier", path, {"outcome": "approve"})).json()["code"] == "permission-not-granted"
    assert (await city.post("operator", path, {"outcome": "refuse"})).status_code == 422
    assert (await city.post("operator", path, {"outcome": "refuse", "reason": "示例"})).json()["state"] == "refused"
    assert (await city.post("operator", path, {"outcome": "approve"})).json()["code"] == "data-item-not-proposed"
    await city.publish()
    await city.publish(max_age_s=60)
    mine = await city.get("supplier", "/data-items")
    assert [(each["version"], each["state"], bool(each["url"])) for each in mine] == [
        (1, "refused", True),
        (2, "retired", True),
        (3, "active", True),
    ]
    assert [(each["version"], each["url"]) for each in await city.get("police", "/data-items")] == [(3, None)]


@pytest.mark.parametrize("url", ["https://10.0.0.1/x", "http://data.example.cn/x", "https://db.internal/x", "http://169.254.169.254/x"])
async def test_a_supplier_inside_is_not_accepted(city: City, url: str) -> None:
    answer = await city.post("supplier", "/data-items", {**ITEM, "url": url}, key="one")
    assert (answer.status_code, answer.json()["code"]) == (422, "supplier-address-not-acceptable")


async def test_an_item_leaves_for_good_and_no_new_scene_takes_what_is_leaving(city: City) -> None:
    await city.publish()
    scene_id = await city.authorised()
    path = f"/data-items/{ITEM['code']}/departure"
    assert (await city.post("police", path, {"state": "retired", "reason": "x"})).json()["code"] == "data-item-of-another"
    leaving = await city.post(
        "supplier", path, {"state": "deprecated", "sunset_at": (AT + timedelta(days=9)).isoformat(), "reason": "示例"}
    )
    assert (leaving.json()["state"], bool(leaving.json()["sunset_at"])) == ("deprecated", True)
    assert (await city.apply()).json()["errors"] == [{"field": ITEM["code"], "rule": "item-not-in-use"}]
    answer = await city.verify(scene_id)
    assert (answer.status_code, answer.headers["deprecation"][0], answer.headers["sunset"][-4:]) == (200, "@", " GMT")
    assert (await city.post("operator", path, {"state": "retired", "reason": "示例"})).json()["state"] == "retired"
    gone = await city.verify(scene_id)
    assert (gone.status_code, gone.json()["rule"]) == (410, "data-item-gone")


async def test_a_demand_is_open_until_an_agency_has_the_duty_to_meet_it(city: City) -> None:
    filed = await city.post("district", "/demands", DEMAND, key="one")
    assert (filed.status_code, filed.json()["is_open"], filed.json()["provenance"]) == (201, True, "illustrative")
    assert [each["id"] for each in (await city.get("operator", "/demands?only_open=true"))["items"]] == [filed.json()["id"]]
    duty = {
        "item": ITEM["code"], "supplier": CIVIL, "supplier_name": "示例·市民政局", "update_cycle": "每日", "quality_owner": "示例岗",
        "basis": "示例", "due_on": str(local_day(AT) + timedelta(days=30)), "provenance": "illustrative",
    }  # fmt: skip
    assert [each["is_met"] for each in (await city.post("operator", "/duties", duty)).json()] == [False]
    assert (await city.get("operator", "/demands?only_open=true"))["items"] == []
    await city.publish()
    [met] = await city.get("police", "/duties")
    assert (met["supplier"], met["is_met"]) == (CIVIL, True)
    [entry] = await city.get("supplier", "/data-catalogue")
    assert (entry["matters"], entry["update_cycle"], entry["is_certificate"], entry["scenes"]) == ([MATTER], "每日", False, [])
    await city.authorised()
    assert [each["scenes"] for each in await city.get("supplier", "/data-catalogue")] == [[scene()["name"]]]
    other = await city.post("elsewhere", f"/demands/{filed.json()['id']}/withdrawal", {})
    assert other.json()["code"] == "list-entry-not-found"
    assert (await city.post("district", f"/demands/{filed.json()['id']}/withdrawal", {})).json()["withdrawn_at"]


async def test_what_is_called_official_says_where_it_was_read(city: City) -> None:
    answer = await city.post("district", "/demands", {**DEMAND, "provenance": "official"}, key="one")
    assert answer.status_code == 422


async def test_the_negative_list_is_left_by_two_officers_only(city: City) -> None:
    entry = {
        "item": "secret",
        "reason": "示例",
        "basis": "示例",
        "review_on": str(local_day(AT) + timedelta(days=1)),
        "provenance": "illustrative",
    }
    assert (await city.post("police", "/negative-list", entry)).json()["code"] == "permission-not-granted"
    assert [each["is_review_due"] for each in (await city.post("operator", "/negative-list", entry)).json()] == [False]
    lift = {"kind": "negative.lift", "item": "secret", "reason": "示例"}
    assert (await city.changed(lift)).json()["state"] == "in-force"
    assert await city.get("operator", "/negative-list") == []
    gone = await city.changed(lift)
    assert (gone.status_code, gone.json()["code"]) == (404, "list-entry-not-found")


async def test_a_scene_is_answered_by_the_agency_whose_data_it_is(city: City) -> None:
    await city.publish()
    applied = (await city.apply()).json()
    assert (applied["state"], applied["awaits"], applied["applied_by"]) == ("applied", [CIVIL], "of-001")
    due = working_days.known().after(local_day(AT), 10)
    assert (applied["reply_due_on"], applied["is_reply_due_provisional"]) == (str(due.on), due.is_provisional)
    path, approve = f"/scenes/{applied['id']}/answers", {"outcome": "approve"}
    assert (await city.verify(applied["id"])).json()["rule"] == "no-scene"
    for kind in ("operator", "police", "district"):
        assert (await city.post(kind, path, approve)).json()["code"] == "scene-not-awaiting-answer"
    assert (await city.post("supplier", path, approve)).json()["state"] == "approved"
    for kind, seen in (("district", 1), ("supplier", 1), ("operator", 1), ("elsewhere", 0), ("police", 0)):
        assert len((await city.get(kind, "/scenes?state=approved"))["items"]) == seen
    stranger = await city.door.signed("police", "GET", f"/scenes/{applied['id']}", officer="of-001")
    assert stranger.json()["code"] == "scene-not-found"


async def test_scenes_are_found_by_the_state_that_they_are_in_today(city: City) -> None:
    await city.publish()
    running, over, waiting = await city.authorised(), await city.authorised(), (await city.apply()).json()["id"]
    async with city.door.database.transaction() as session:
        past = {"valid_from": local_day(AT) - timedelta(days=9), "valid_to": local_day(AT) - timedelta(days=1)}
        await session.execute(sa.update(scenes).where(scenes.c.id == over).values(past))

    async def found(state: str) -> list[str]:
        return [each["id"] for each in (await city.get("district", f"/scenes?state={state}"))["items"]]

    assert (await found("approved"), await found("applied"), await found("expired"), await found("refused")) == (
        [running],
        [waiting],
        [over],
        [],
    )
    page = await city.get("district", f"/scenes?after={running}")
    assert ([each["id"] for each in page["items"]], page["next"]) == ([over, waiting], None)


async def test_an_agency_that_asks_for_its_own_data_needs_a_second_officer(city: City) -> None:
    await city.publish()
    applied = (await city.apply("supplier")).json()
    path = f"/scenes/{applied['id']}/answers"
    assert (await city.post("supplier", path, {"outcome": "approve"})).json()["code"] == "same-officer-may-not-approve"
    assert (await city.post("supplier", path, {"outcome": "approve"}, officer="of-002")).json()["state"] == "approved"


async def test_what_is_shared_unconditionally_is_the_platforms_to_answer(city: City) -> None:
    await city.publish(sharing="unconditional")
    applied = (await city.apply()).json()
    assert applied["awaits"] == ["operator"]
    refused = await city.post("operator", f"/scenes/{applied['id']}/answers", {"outcome": "refuse", "reason": "示例"})
    assert (refused.json()["state"], refused.json()["approvals"][0]["reason"]) == ("refused", "示例")


async def test_what_nobody_may_have_is_in_no_scene(city: City) -> None:
    await city.publish(sharing="none")
    assert (await city.apply()).json()["errors"] == [{"field": ITEM["code"], "rule": "item-not-shared"}]
    past = await city.apply(valid_from="2020-01-01", valid_to="2020-01-02")
    assert past.json()["errors"] == [{"field": "valid_to", "rule": "is-past"}]


async def test_certificate_types_are_resources_that_scenes_may_name(city: City, clock: FixedClock) -> None:
    only_type: dict[str, Any] = {"items": [], "certificate_types": [DOG_LICENCE]}
    assert (await city.apply(**only_type)).json()["errors"] == [{"field": DOG_LICENCE, "rule": "certificate-type-not-shared"}]
    feed = Feed.of(subscriptions, city.door.database, clock)
    for number, name in enumerate(("犬类准养证", "犬类准养证（新）")):
        event = CertificateTypeRegistered(
            code=DOG_LICENCE, name=name, en="Dog licence", issuer_function="公安", holder="person", provenance="illustrative",
            registered_at=AT + timedelta(seconds=number),
        )  # fmt: skip
        await feed.deliver(event, at=AT)
    [known] = await city.get("operator", "/resources/certificate-types")
    assert (known["name"], known["version"], known["state"], known["sharing"]) == ("犬类准养证（新）", 2, "active", "conditional")
    assert (await city.apply(**only_type)).json()["awaits"] == ["operator"]
    assert [each["kind"] for each in await city.get("supplier", "/data-catalogue")] == ["certificate-type"]
    left = await city.post("operator", f"/resources/certificate-types/{DOG_LICENCE}/departure", {"state": "deprecated", "reason": "示例"})
    assert (left.json()["state"], bool(left.json()["deprecated_at"])) == ("deprecated", True)
    assert (await city.apply(**only_type)).status_code == 422


async def test_the_set_up_brings_items_once_and_leaves_alone_what_became_of_them(city: City) -> None:
    said = {**ITEM, "owner": CIVIL, "owner_name": "示例·市民政局", "url": f"{city.supplier_url}/marriage"}

    async def set_up(**more: Any) -> list[tuple[str, str]]:
        async with city.door.database.transaction() as session:
            await data_items.put(session, {**said, **more}, at=AT)
        return [(each["state"], each["url"]) for each in await city.get("supplier", "/data-items")]

    assert await set_up() == [("active", said["url"])]
    assert await set_up(url="http://127.0.0.1:1/moved") == [("active", "http://127.0.0.1:1/moved")]
    await city.post("supplier", f"/data-items/{ITEM['code']}/departure", {"state": "retired", "reason": "示例"})
    assert [state for state, _ in await set_up()] == ["retired"]


async def test_suppliers_learn_with_which_key_the_gateway_signs(city: City) -> None:
    [key] = (await city.get("supplier", "/data-items/keys"))["keys"]
    assert (key["kty"], key["crv"], "d" in key) == ("EC", "P-256", False)
