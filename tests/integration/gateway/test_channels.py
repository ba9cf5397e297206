"""Channels are kept by officers and take effect while the gateway runs; what the public reads is the same on all of them."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from contracts.values import OfficerId
from gateway.registry.bootstrap import load_policies
from gateway.registry.commands.changes_of_reach import rule_channel
from gateway.registry.snapshots import channels as snapshots
from gateway.registry.tables import channels
from tests.integration.gateway.door import Behind, Door
from tests.integration.gateway.portal import PERSON, portal
from tests.support.eventually import eventually

ORIGIN = "https://m.city.example"
WHY = {"zh": "系统检修", "en": "Maintenance"}
BY = OfficerId("op-001")


@pytest.fixture
async def open_door(database_of: Callable[[str], Database], tmp_path: Path) -> AsyncIterator[tuple[Door, Behind]]:
    async with portal(database_of, tmp_path) as found:
        yield found


async def policy_of(door: Door, code: str) -> dict[str, Any]:
    policy: dict[str, Any] = (await door.call("GET", f"/channels/{code}")).json()["policy"]
    return policy


async def change(door: Door, code: str, **clauses: Any) -> None:
    """As the approval of a change does it."""
    content = {"kind": "channel.policy", "channel": code, "policy": await policy_of(door, code) | clauses}
    async with door.database.transaction() as session:
        await rule_channel(session, content, OfficerId("op-002"), datetime.now(UTC))


async def test_everybody_sees_the_channels_of_the_city(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    found = (await door.call("GET", "/channels")).json()
    assert {"portal", "app", "miniprogram", "kiosk", "window", "hotline", "district"} <= {each["code"] for each in found}
    assert all(each["is_open"] and each["zh"] and each["en"] for each in found)
    hotline = next(each for each in found if each["code"] == "hotline")
    assert (hotline["policy"]["grade"], hotline["policy"]["may_write"]) == (2, False)
    assert (await door.call("GET", "/channels/nowhere")).json()["code"] == "channel-not-found"


async def test_a_channel_that_closes_lets_nobody_through_within_two_seconds_and_says_why(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    assert (await door.call("GET", "/certificates", door.bearer(PERSON))).status_code == 200
    closed = await door.signed("operator", "POST", "/channels/app/closure", officer="op-001", said=WHY)
    assert (closed.status_code, closed.json()["is_open"], closed.json()["changed_by"]) == (200, False, "op-001")

    async def is_closed() -> bool:
        return (await door.call("GET", "/certificates", door.bearer(PERSON))).status_code == 403

    await eventually(is_closed, within=2)
    refused = await door.call("GET", "/certificates", door.bearer(PERSON))
    said = refused.json()
    assert (said["code"], said["channel"], said["reason_zh"], said["reason_en"]) == ("channel-closed", "app", WHY["zh"], WHY["en"])
    row = await door.decision(refused)
    assert (row.refused_by, row.rule) == ("portal", "channel")
    again = await door.signed("operator", "POST", "/channels/app/closure", officer="op-001", said=WHY)
    assert again.json()["code"] == "channel-not-open"


async def test_officers_cannot_shut_themselves_out(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    said = await door.signed("operator", "POST", "/channels/console/closure", officer="op-001", said=WHY)
    assert (said.status_code, said.json()["code"]) == (409, "channel-of-officers")


async def test_one_officer_narrows_and_no_officer_widens_alone(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    policy = await policy_of(door, "app")
    narrow = await door.signed("operator", "PUT", "/channels/app/policy", officer="op-001", said=policy | {"grade": 1})
    assert (narrow.status_code, narrow.json()["policy"]["grade"]) == (200, 1)

    async def is_beyond() -> bool:
        return (await door.call("GET", "/certificates", door.bearer(PERSON))).status_code == 403

    await eventually(is_beyond, within=2)
    beyond = (await door.call("GET", "/certificates", door.bearer(PERSON))).json()
    assert (beyond["code"], beyond["clause"]) == ("channel-not-allowed", "grade")
    wide = await door.signed("operator", "PUT", "/channels/app/policy", officer="op-001", said=policy)
    assert (wide.status_code, wide.json()["code"], wide.json()["clauses"]) == (409, "widening-needs-two", ["grade"])
    await change(door, "app", grade=4)

    async def is_back() -> bool:
        return (await door.call("GET", "/certificates", door.bearer(PERSON))).status_code == 200

    await eventually(is_back, within=2)


async def test_a_new_channel_is_closed_until_somebody_else_opens_it(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    wanted = {"code": "tv", "zh": "电视端", "en": "Television", "policy": await policy_of(door, "hotline")}
    said = await door.signed("operator", "POST", "/channels", officer="op-001", said=wanted, key="new-channel-1")
    assert (said.status_code, said.json()["is_open"], said.json()["closed_for_en"]) == (201, False, "Not opened yet")
    again = await door.signed("operator", "POST", "/channels", officer="op-001", said=wanted, key="new-channel-2")
    assert (again.status_code, again.json()["code"]) == (409, "channel-known")


@pytest.mark.parametrize(
    "clauses", [{"origins": ["*"]}, {"origins": ["http://a.example"]}, {"hours": {"days": [1], "opens": "17:00", "closes": "09:00"}}]
)
async def test_a_policy_that_cannot_be_followed_is_a_problem(open_door: tuple[Door, Behind], clauses: dict[str, Any]) -> None:
    door, _ = open_door
    wanted = {"code": "tv", "zh": "电视端", "en": "Television", "policy": await policy_of(door, "hotline") | clauses}
    said = await door.signed("operator", "POST", "/channels", officer="op-001", said=wanted, key="bad-channel")
    assert said.status_code == 422
    assert said.json()["titles"].keys() == {"zh", "en"}


async def test_scripts_of_a_channels_origin_may_call_while_it_is_open(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    asking = {"origin": ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    assert (await door.call("OPTIONS", "/certificates", asking)).status_code == 403
    await change(door, "app", origins=[ORIGIN])

    async def answered(status: int) -> bool:
        return (await door.call("OPTIONS", "/certificates", asking)).status_code == status

    await eventually(lambda: answered(204), within=2)
    read = await door.call("GET", "/certificates", door.bearer(PERSON) | {"origin": ORIGIN})
    assert read.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in read.headers
    await door.signed("operator", "POST", "/channels/app/closure", officer="op-001", said=WHY)
    await eventually(lambda: answered(403), within=2)


async def test_what_an_officer_set_up_outlives_a_bootstrap(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    await change(door, "app", origins=[ORIGIN])
    await door.signed("operator", "POST", "/channels/hotline/closure", officer="op-001", said=WHY)
    async with door.database.transaction() as session:
        await session.execute(sa.update(channels).where(channels.c.code == "kiosk").values(grade=1))
        await load_policies(session, datetime.now(UTC))
    assert (await policy_of(door, "app"))["origins"] == [ORIGIN]
    assert (await door.call("GET", "/channels/hotline")).json()["is_open"] is False
    assert (await policy_of(door, "kiosk"))["grade"] == 4


async def test_what_is_decided_by_is_plain_json(open_door: tuple[Door, Behind]) -> None:
    door, _ = open_door
    await change(door, "kiosk", hours={"days": [1, 7], "opens": "08:30", "closes": "20:00"})
    async with door.database.reading() as session:
        rows = await snapshots.rows(session)
    built = snapshots.build(json.loads(json.dumps(rows)))
    assert built == snapshots.build(rows)
    assert built["kiosk"].hours is not None
    assert (built["kiosk"].hours.opens, built["kiosk"].hours.closes) == (30600, 72000)


@pytest.mark.parametrize("path", ["/search?q=%E8%AF%81", "/search", "/channels", "/openapi.json", "/docs", "/docs/plain"])
async def test_everybody_reads_the_same_on_every_channel(open_door: tuple[Door, Behind], path: str) -> None:
    door, _ = open_door
    codes = [each["code"] for each in (await door.call("GET", "/channels")).json()]
    answers = [await door.call("GET", path, {"channel": code}) for code in codes]
    answers += [await door.call("GET", path, door.bearer(PERSON) | {"channel": "app"})]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
