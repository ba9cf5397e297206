"""三员分立 over the whole gateway: what widens access waits for a second officer, and then reaches every process."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.database import Database
from contracts.events.gateway import PartyChanged
from contracts.values import Id, OfficerId
from gateway.registry.commands import parties as commands
from gateway.registry.masking import load_masking
from gateway.registry.queries import changes as queries
from gateway.registry.snapshots import Snapshots
from gateway.registry.tables import changes, channels, resources
from gateway.snapshot import Snapshot
from tests.integration.gateway.door import Door, gateway, register
from tests.support.eventually import eventually
from tests.support.service import published
from tests.support.station import running
from tests.support.wires import wire
from tests.unit.gateway.keys import certificate, public

EFFECTIVE_WITHIN_S = 2.0


async def proposed(door: Door, content: dict[str, Any], *, by: str = "op-001") -> str:
    """The path of a new change."""
    said = {"content": content, "reason": "业务需要"}
    answer = await door.officer(by, "POST", "/changes", said, key=f"propose-{Id.new()}")
    assert (answer.status_code, answer.json()["state"]) == (201, "proposed"), answer.text
    return f"/changes/{answer.json()['id']}"


async def approved(door: Door, content: dict[str, Any]) -> dict[str, Any]:
    answer = await door.officer("op-002", "POST", f"{await proposed(door, content)}/approval")
    assert (answer.status_code, answer.json()["state"]) == (200, "in-force"), answer.text
    return await party(door)


async def party(door: Door) -> dict[str, Any]:
    said: dict[str, Any] = (await door.officer("op-001", "GET", f"/parties/{door.parties['district']}")).json()
    return said


async def test_a_change_is_in_force_once_another_officer_approved_it(door: Door) -> None:
    district = door.parties["district"]
    content = {"kind": "party.limits", "party": district, "per_second": 500.0, "purposes": {"身份核验": 50}}
    path = await proposed(door, content)
    assert (await party(door))["per_second"] == 200.0
    refused = await door.officer("op-001", "POST", f"{path}/approval")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission-not-granted")
    once = await door.officer("op-002", "POST", f"{path}/approval")
    again = await door.officer("op-002", "POST", f"{path}/approval")
    assert (once.status_code, again.status_code, again.json()) == (200, 200, once.json())
    now = await party(door)
    assert (now["per_second"], now["burst"], now["purposes"]) == (500.0, 400, {"身份核验": 50})
    [told] = await published(door.database, PartyChanged)
    assert told.party_id == district
    late = await door.officer("op-002", "POST", f"{path}/refusal", {"note": "x"})
    assert (late.status_code, late.json()["code"]) == (409, "change-already-decided")


async def test_a_bound_a_day_is_set_and_lifted(door: Door) -> None:
    about = {"kind": "party.limits", "party": door.parties["district"]}
    assert (await approved(door, {**about, "per_day": 10}))["per_day"] == 10
    assert (await approved(door, {**about, "burst": 500}))["per_day"] == 10
    assert (await approved(door, {**about, "per_day": None}))["per_day"] is None


async def test_the_later_state_of_a_party_is_told_with_the_later_time(door: Door) -> None:
    """Also where it read the clock first and then waited for the other."""
    district, now = door.parties["district"], datetime.now(UTC)
    async with door.database.transaction() as session:
        await commands.suspend(session, district, "整改", by=OfficerId("op-002"), at=now + timedelta(seconds=5))
    async with door.database.transaction() as session:
        await commands.withdraw(session, district, "不再使用", by=OfficerId("op-002"), at=now)
    told = await published(door.database, PartyChanged)
    assert [each.status for each in told] == ["suspended", "withdrawn"]
    assert told[0].changed_at < told[1].changed_at


async def test_who_proposes_again_under_one_key_has_proposed_once(door: Door) -> None:
    said = {"content": {"kind": "party.renew", "party": door.parties["district"]}, "reason": "续期"}
    once, again = [await door.officer("op-001", "POST", "/changes", said, key="one") for _ in range(2)]
    assert (once.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert (await door.officer("op-001", "POST", "/changes", said)).json()["code"] == "idempotency-key-required"


async def test_a_refused_and_a_withdrawn_change_have_no_effect(door: Door) -> None:
    content = {"kind": "party.limits", "party": door.parties["district"], "burst": 999}
    first, second = await proposed(door, content), await proposed(door, content)
    refused = await door.officer("op-002", "POST", f"{first}/refusal", {"note": "理由不足"})
    assert (refused.json()["state"], refused.json()["note"], refused.json()["reviewed_by"]) == ("refused", "理由不足", "op-002")
    other = await door.officer("op-002", "POST", f"{second}/withdrawal")
    assert (other.status_code, other.json()["code"]) == (403, "permission-not-granted")
    assert (await door.officer("op-001", "POST", f"{second}/withdrawal")).json()["state"] == "withdrawn"
    assert (await door.officer("op-002", "POST", f"{second}/approval")).json()["code"] == "change-already-decided"
    assert (await party(door))["burst"] == 400
    target = f"party {door.parties['district']}"
    found = await door.client.get("/changes")
    assert found.status_code == 401
    async with door.database.reading() as session:
        rows = (await session.execute(sa.select(changes.c.state).where(changes.c.target == target).order_by(changes.c.id))).scalars().all()
    assert rows == ["refused", "withdrawn"]


async def test_changes_are_found_by_what_they_are_about(door: Door) -> None:
    path = await proposed(door, {"kind": "channel.open", "channel": "app"})
    await proposed(door, {"kind": "party.renew", "party": door.parties["district"]})
    assert (await door.officer("op-003", "GET", path)).json()["target"] == "channel app"
    everything = (await door.officer("op-003", "GET", "/changes")).json()["items"]
    assert [each["kind"] for each in everything] == ["channel.open", "party.renew"]
    async with door.database.reading() as session:
        by_target = await queries.all_changes(session, state="proposed", target="channel app", after=None)
        by_state = await queries.all_changes(session, state="in-force", target=None, after=None)
    assert ([each.kind for each in by_target.items], by_state.items) == (["channel.open"], [])
    unknown = await door.officer("op-003", "GET", f"/changes/{Id.new()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "change-not-found")


async def test_a_suspended_party_returns_when_two_officers_say_so(door: Door) -> None:
    district = door.parties["district"]
    await door.officer("op-002", "POST", f"/parties/{district}/suspension", {"reason": "整改"})
    assert (await approved(door, {"kind": "party.resume", "party": district}))["status"] == "active"

    async def is_back() -> bool:
        return (await door.signed("district", "GET", "/matters")).status_code == 200

    await eventually(is_back, within=EFFECTIVE_WITHIN_S)


async def test_a_term_is_renewed(door: Door) -> None:
    content = {"kind": "party.renew", "party": door.parties["district"], "expires_at": "2099-01-01T00:00:00Z"}
    assert (await approved(door, content))["expires_at"] == "2099-01-01T00:00:00Z"
    assert (await approved(door, {"kind": "party.renew", "party": door.parties["district"]}))["expires_at"] is None


async def test_networks_are_widened(door: Door) -> None:
    district = door.parties["district"]
    await door.officer("op-002", "POST", f"/parties/{district}/restrictions", {"networks": ["192.0.2.0/24"]})
    wider = ["127.0.0.0/8", "192.0.2.0/24"]
    assert (await approved(door, {"kind": "party.networks", "party": district, "networks": wider}))["networks"] == wider

    async def is_let_in() -> bool:
        return (await door.signed("district", "GET", "/matters")).status_code == 200

    await eventually(is_let_in, within=EFFECTIVE_WITHIN_S)


async def test_officers_and_addresses_of_return_are_changed(door: Door) -> None:
    about = {"party": door.parties["district"]}
    assert (await approved(door, {"kind": "party.officers", **about, "officers": ["qx-007"]}))["officers"] == ["qx-007"]
    uris = ["https://district.example/back"]
    assert (await approved(door, {"kind": "party.redirects", **about, "redirect_uris": uris}))["redirect_uris"] == uris

    async def is_known() -> bool:
        return (await door.signed("district", "GET", "/matters", officer="qx-007")).status_code == 200

    await eventually(is_known, within=EFFECTIVE_WITHIN_S)
    assert (await door.signed("district", "GET", "/matters", officer="op-001")).json()["code"] == "officer-not-registered"
    path = await proposed(door, {"kind": "party.redirects", **about, "redirect_uris": ["http://elsewhere/"]})
    assert (await door.officer("op-002", "POST", f"{path}/approval")).json()["code"] == "redirect-not-acceptable"
    console = {"kind": "party.officers", "party": door.parties["operator"], "officers": ["op-001"], "duties": {"op-001": "system"}}
    refused = await door.officer("op-002", "POST", f"{await proposed(door, console)}/approval")
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-not-apart")


async def test_an_officer_adds_a_key_and_a_certificate(door: Door) -> None:
    about = {"kind": "party.key", "party": door.parties["district"], "environment": "production"}
    await approved(door, {**about, "jwk": public("added")})
    shown = certificate("区级系统").public_bytes(Encoding.PEM).decode()
    now = await approved(door, {**about, "use": "tls", "certificate": shown})
    assert [(each["use"], each["added_by"]) for each in now["keys"][1:]] == [("signature", "op-002"), ("tls", "op-002")]

    async def is_demanded() -> bool:
        answer = await door.signed("district", "GET", "/matters")
        return answer.status_code == 401 and answer.json()["code"] == "certificate-required"

    await eventually(is_demanded, within=EFFECTIVE_WITHIN_S)
    kid = now["keys"][2]["kid"]
    revoked = await door.officer("op-002", "POST", f"/parties/{door.parties['district']}/keys/{kid}/revocation")
    assert revoked.status_code == 200
    snapshots = Snapshots(door.database, poll_s=3600)
    await snapshots.load()
    [ended] = snapshots.current().parties[door.parties["district"]].certificates.values()
    assert ended.not_after is not None
    assert not ended.holds(time.time() + 1)
    assert await is_demanded()


@pytest.mark.parametrize("more", [{}, {"use": "tls"}, {"jwk": {"kty": "oct"}}, {"use": "tls", "jwk": {}}, {"certificate": "x"}])
async def test_what_cannot_come_into_force_stays_proposed(door: Door, more: dict[str, Any]) -> None:
    path = await proposed(door, {"kind": "party.key", "party": door.parties["district"], "environment": "production", **more})
    answer = await door.officer("op-002", "POST", f"{path}/approval")
    assert (answer.status_code, answer.json()["code"]) == (422, "key-not-acceptable")
    assert (await door.officer("op-003", "GET", path)).json()["state"] == "proposed"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"kind": "party.everything"},
        {"kind": "party.resume"},
        {"kind": "party.resume", "party": "x"},
        {"kind": "party.limits", "party": str(Id.new()), "burst": 0},
        {"kind": "party.limits", "party": str(Id.new()), "status": "active"},
        {"kind": "channel.open"},
    ],
)
async def test_what_is_no_change_is_not_proposed(door: Door, content: dict[str, Any]) -> None:
    answer = await door.officer("op-001", "POST", "/changes", {"content": content, "reason": "x"}, key="bad")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_resource_at_rest_and_a_closed_channel_open_again(door: Door) -> None:
    async with door.database.transaction() as session:
        await session.execute(sa.update(resources).where(resources.c.path == "/matters").values(state="retired"))
        await session.execute(sa.update(channels).where(channels.c.code == "district").values(is_open=False))

    async def answers(status: int) -> bool:
        return (await door.signed("district", "GET", "/matters")).status_code == status

    await eventually(lambda: answers(410), within=EFFECTIVE_WITHIN_S)
    contents = [
        {"kind": "resource.reactivate", "method": "GET", "path": "/matters", "reason": "恢复"},
        {"kind": "channel.open", "channel": "district"},
    ]
    for content in contents:
        await approved(door, content)
    await eventually(lambda: answers(200), within=EFFECTIVE_WITHIN_S)
    for content, code in zip(contents, ("resource-is-active", "change-without-effect"), strict=True):
        again = await door.officer("op-002", "POST", f"{await proposed(door, content)}/approval")
        assert (again.status_code, again.json()["code"]) == (409, code)


async def test_a_party_is_let_in_through_further_channels(door: Door) -> None:
    async def through_the_hotline() -> tuple[int, str | None]:
        answer = await door.call("GET", "/matters", door.signature("district", "GET", "/matters", {"channel": "hotline"}))
        return answer.status_code, answer.json().get("code")

    assert await through_the_hotline() == (403, "channel-not-registered")
    about = {"kind": "party.channels", "party": door.parties["district"]}
    assert (await approved(door, {**about, "channels": ["district", "hotline"]}))["channels"] == ["district", "hotline"]

    async def is_let_in() -> bool:
        return await through_the_hotline() == (200, None)

    await eventually(is_let_in, within=EFFECTIVE_WITHIN_S)
    path = await proposed(door, {**about, "channels": ["nowhere"]})
    unknown = await door.officer("op-002", "POST", f"{path}/approval")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "channel-not-found")
    assert (await door.officer("op-003", "GET", path)).json()["state"] == "proposed"


async def test_a_channel_s_policy_is_widened(door: Door) -> None:
    policy = {"kinds": ["district"], "audiences": ["open"], "grade": 4, "assurance": 0, "may_write": False, "origins": [], "hours": None}

    async def answers(status: int) -> bool:
        return (await door.signed("district", "GET", "/matters")).status_code == status

    async def ruled(**wider: Any) -> Any:
        content = {"kind": "channel.policy", "channel": "district", "policy": policy | wider}
        return await door.officer("op-002", "POST", f"{await proposed(door, content)}/approval")

    assert (await ruled()).json()["state"] == "in-force"
    await eventually(lambda: answers(403), within=EFFECTIVE_WITHIN_S)
    assert (await ruled(audiences=["open", "party"])).json()["state"] == "in-force"
    await eventually(lambda: answers(200), within=EFFECTIVE_WITHIN_S)
    refused = await ruled(origins=["https://city.example/path"])
    assert (refused.status_code, refused.json()["code"]) == (422, "origin-not-acceptable")


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        ("UPDATE parties SET burst = 7", lambda s: {each.burst for each in s.parties.values()} == {7}),
        ("UPDATE party_keys SET revoked_at = now()", lambda s: not any(each.keys for each in s.parties.values())),
        ("UPDATE channels SET is_open = false", lambda s: not any(each.is_open for each in s.channels.values())),
        ("UPDATE resources SET state = 'retired'", lambda s: s.routes.find("GET", "/matters").resource.state == "retired"),
        ("UPDATE policy_versions SET version = 7 WHERE state = 'in-force'", lambda s: s.policy_version == 7),
        ("UPDATE masking_rules SET grade = 1", lambda s: {each.grade for each in s.masking} == {1}),
    ],
    ids=["parties", "party_keys", "channels", "resources", "policy_versions", "masking_rules"],
)
async def test_every_process_decides_by_a_change_within_two_seconds(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, change: str, is_seen: Callable[[Snapshot], bool]
) -> None:
    database = database_of("gateway.registry")
    await register(database)
    async with database.transaction() as session:
        await load_masking(session)
    # As two processes: each with connections of its own, and woken by the database alone.
    own = [Database(database.url) for _ in range(2)]
    keepers = [Snapshots(each, poll_s=3600) for each in own]
    async with running(*(each.keep for each in keepers)):
        await eventually(lambda: all(each.is_loaded and each.is_listening for each in keepers))
        async with database.transaction() as session:
            await session.execute(sa.text(change))
        await eventually(lambda: all(is_seen(each.current()) for each in keepers), within=EFFECTIVE_WITHIN_S)
    await asyncio.gather(*(each.close() for each in own))


async def test_a_way_that_swallows_what_the_database_says_is_left(database_of: Callable[[str], Database]) -> None:
    direct = database_of("gateway.registry")
    await register(direct)
    async with wire(int(direct.url.rpartition(":")[2].partition("/")[0])) as between:
        database = Database(re.sub(r":[0-9]+/", f":{between.port}/", direct.url))
        keeper = Snapshots(database, poll_s=3600)
        async with running(keeper.keep):
            await eventually(lambda: keeper.is_loaded and keeper.is_listening)
            between.swallow()
            async with direct.transaction() as session:
                await session.execute(sa.text("UPDATE parties SET burst = 7"))
            await eventually(lambda: {each.burst for each in keeper.current().parties.values()} == {7}, within=15)
        await database.close()


async def test_a_party_that_cannot_be_read_does_not_keep_the_others_out(door: Door) -> None:
    async with door.database.transaction() as session:
        await session.execute(sa.text("UPDATE parties SET networks = '{nowhere}' WHERE kind = 'district'"))

    async def is_out() -> bool:
        return (await door.signed("district", "GET", "/matters")).status_code == 401

    await eventually(is_out, within=EFFECTIVE_WITHIN_S)
    assert (await door.call("GET", "/matters", door.bearer())).status_code == 200


async def test_two_gateways_of_one_registry_both_refuse_who_was_suspended_at_one(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str
) -> None:
    database = database_of("gateway.registry")
    parties = await register(database)
    async with (
        gateway(database, tmp_path, upstream, parties=parties) as one,
        gateway(Database(database.url), tmp_path, upstream, parties=parties) as other,
    ):
        said = await one.officer("op-002", "POST", f"/parties/{parties['app']}/suspension", {"reason": "密钥泄露"})
        assert said.status_code == 200

        async def is_refused() -> bool:
            return [(await each.call("GET", "/matters", each.bearer())).status_code for each in (one, other)] == [403, 403]

        await eventually(is_refused, within=EFFECTIVE_WITHIN_S)
        await other.database.close()
