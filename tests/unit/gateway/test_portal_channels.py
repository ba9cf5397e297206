"""门户集成: the channel a request comes through, its policy, and the web origins that belong to it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chassis.working_days import SHANGHAI
from gateway.policies import NO_POLICIES
from gateway.proxy.answer import Answer
from gateway.snapshot import Channel, Hours, Snapshot, usual
from tests.unit.gateway.city import APP, AUDIENCES, PARTIES, PERSON, City, Said, snapshot

ORIGIN = "https://m.city.example"
WINDOW = Channel("window", kinds=frozenset({"app"}), audiences=AUDIENCES)


def city(*channels: Channel, own: tuple[str, ...] = (), **more: Any) -> City:
    """A city with these channels too, for which the app is registered after its usual one."""
    known = snapshot(parties=tuple(replace(each, channels=own) if each.id == APP else each for each in PARTIES))
    ways = {**known.channels, **{each.code: each for each in channels}}
    return City(known=replace(known, channels=ways, usual_channels=usual(ways)), **more)


async def asked(here: City, channel: str | None = None, path: str = "/cases/1", method: str = "GET", **claims: Any) -> Said:
    return await here.call(method, path, here.bearer(**claims) | ({"channel": channel} if channel else {}))


async def test_a_party_without_channels_comes_through_the_usual_one_of_its_kind() -> None:
    here = city()
    assert (await asked(here)).status == 200
    assert here.decision.channel == "app"


async def test_the_first_channel_of_a_party_is_its_usual_one() -> None:
    here = city(WINDOW, own=("window", "app"))
    assert (await asked(here)).status == 200
    assert here.decision.channel == "window"


async def test_a_party_may_name_another_of_its_channels() -> None:
    here = city(WINDOW, own=("app", "window"))
    assert (await asked(here, "window")).status == 200
    assert here.decision.channel == "window"


@pytest.mark.parametrize("named", ["window", "nowhere", "portal", ""])
async def test_a_channel_that_is_not_the_partys_is_refused(named: str) -> None:
    here = city(WINDOW)
    said = await here.call("GET", "/matters", here.bearer() | {"channel": named})
    assert said.status == 403
    assert said.problem() | {"code": "channel-not-registered", "room": "portal", "room_zh": "门户集成"} == said.problem()
    assert said.problem()["titles"].keys() == {"zh", "en"}
    assert here.asked == []


async def test_the_service_behind_is_told_the_channel_of_each_request() -> None:
    here = city(WINDOW, own=("app", "window"))
    headers = here.bearer()
    told = []
    for channel in ("app", "window", "app"):
        assert (await here.call("GET", "/cases/1", headers | {"channel": channel})).status == 200
        told.append(here.caller().channel)
    assert told == ["app", "window", "app"]


async def test_a_channel_that_a_party_is_registered_for_may_be_gone() -> None:
    said = await asked(city(own=("gone",)))
    assert said.problem()["code"] == "channel-not-registered"


async def test_whoever_is_no_party_comes_through_the_portal() -> None:
    here = city(WINDOW)
    assert (await here.call("GET", "/docs", {"channel": "window"})).status == 200
    assert here.decision.channel == "portal"


async def test_a_closed_channel_says_why() -> None:
    here = city(replace(WINDOW, is_open=False, closed_for=("维护", "maintenance")), own=("app", "window"))
    said = (await asked(here, "window")).problem()
    assert (said["code"], said["channel"], said["reason_zh"], said["reason_en"]) == ("channel-closed", "window", "维护", "maintenance")
    assert here.decision.channel == "window"
    assert here.decision.rooms["portal"] == "refused: channel"


@pytest.mark.parametrize(
    ("policy", "clause", "request_"),
    [
        ({"kinds": frozenset({"district"})}, "kinds", {}),
        ({"audiences": frozenset({"party"})}, "audiences", {}),
        ({"grade": 0}, "grade", {}),
        ({"may_write": False}, "may_write", {"method": "POST", "path": "/wallet", "assurance": 3}),
        ({"assurance": 3}, "assurance", {}),
    ],
)
async def test_beyond_a_channels_policy_the_clause_is_named(policy: dict[str, Any], clause: str, request_: dict[str, Any]) -> None:
    here = city(replace(WINDOW, **policy), own=("app", "window"))
    said = await asked(here, "window", **request_)
    assert said.status == 403
    assert said.problem() | {"code": "channel-not-allowed", "channel": "window", "clause": clause} == said.problem()
    assert here.decision.rule == f"channel:{clause}"
    assert (await asked(city(WINDOW, own=("app", "window")), "window", **request_)).status == 200


async def test_the_floor_of_assurance_is_for_people() -> None:
    here = city(replace(WINDOW, assurance=4), own=("app", "window"))
    assert (await here.call("GET", "/matters", here.bearer(person=None) | {"channel": "window"})).status == 200


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-11-27T08:59:59", False),
        ("2026-11-27T09:00:00", True),
        ("2026-11-27T16:59:59", True),
        ("2026-11-27T17:00:00", False),
        ("2026-11-28T10:00:00", False),
        ("2026-11-29T23:59:59", False),
        ("2026-11-30T09:00:00", True),
    ],
)
def test_opening_hours_are_the_citys(local: str, is_open: bool) -> None:
    weekdays = Hours(frozenset({1, 2, 3, 4, 5}), 9 * 3600, 17 * 3600)
    assert weekdays.include(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).timestamp()) is is_open


async def test_outside_its_hours_a_channel_is_closed() -> None:
    here = city(replace(WINDOW, hours=Hours(frozenset({1}), 0, 1)), own=("app", "window"))
    here.now = datetime(2026, 11, 30, 0, 0, 1, tzinfo=SHANGHAI).timestamp()
    said = await asked(here, "window")
    assert (said.problem()["code"], said.problem()["rule"]) == ("channel-closed", "hours")


# CORS


def web(*, answer: Answer | None = None, **policy: Any) -> City:
    here = city(replace(WINDOW, code="app", usual_for=frozenset({"app"}), origins=frozenset({ORIGIN}), **policy))
    here.answer = answer or here.answer
    return here


async def preflight(here: City, origin: str = ORIGIN, method: str = "GET", path: str = "/matters") -> Said:
    return await here.call("OPTIONS", path, {"origin": origin, "access-control-request-method": method})


async def test_a_script_of_a_registered_origin_may_call() -> None:
    here = web()
    said = await preflight(here, method="POST")
    assert (said.status, said.body) == (204, b"")
    assert said.headers["access-control-allow-origin"] == ORIGIN
    assert said.headers["access-control-allow-methods"] == "POST"
    assert {"authorization", "dpop", "channel", "idempotency-key"} <= set(said.headers["access-control-allow-headers"].split(", "))
    assert said.headers["vary"] == "origin"
    assert int(said.headers["access-control-max-age"]) > 0
    assert here.asked == []


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{ORIGIN}.evil.example", f"{ORIGIN}:8443", "http://m.city.example", "null", "*"]
)
async def test_a_script_from_elsewhere_may_not(origin: str) -> None:
    said = await preflight(web(), origin)
    assert said.status == 403
    assert not any(name.startswith("access-control-") for name in said.headers)
    here = web()
    answered = await here.call("GET", "/matters", here.bearer() | {"origin": origin})
    assert answered.status == 200
    assert not any(name.startswith("access-control-") for name in answered.headers)
    assert answered.headers["vary"] == "origin"


async def test_a_closed_channel_takes_no_scripts() -> None:
    assert (await preflight(web(is_open=False))).status == 403


async def test_a_channel_that_only_reads_takes_no_writing_scripts() -> None:
    assert (await preflight(web(may_write=False), method="POST")).status == 403
    assert (await preflight(web(may_write=False))).status == 204


async def test_what_is_not_there_is_for_the_rooms_to_answer() -> None:
    assert (await preflight(web(), method="PUT")).status in {401, 405}
    assert (await preflight(web(), path="/nothing")).status in {401, 404}


async def test_the_answer_may_be_read_by_the_origin_of_the_channel() -> None:
    here = web()
    said = await here.call("GET", "/matters", here.bearer() | {"origin": ORIGIN})
    assert said.headers["access-control-allow-origin"] == ORIGIN
    assert {"request-id", "retry-after", "ratelimit", "deprecation"} <= set(said.headers["access-control-expose-headers"].split(", "))
    refused = await here.call("GET", "/matters", {"origin": ORIGIN})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)


async def test_an_origin_of_another_channel_may_not_read_it() -> None:
    here = city(replace(WINDOW, origins=frozenset({ORIGIN})))
    said = await here.call("GET", "/matters", here.bearer() | {"origin": ORIGIN})
    assert "access-control-allow-origin" not in said.headers
    anybody = await here.call("GET", "/docs", {"origin": ORIGIN})
    assert anybody.headers["access-control-allow-origin"] == ORIGIN


async def test_at_the_sign_on_protocol_its_service_says_who_may_read() -> None:
    here = web(answer=Answer(200, [(b"access-control-allow-origin", b"https://rp.example"), (b"vary", b"origin")], b"{}"))
    said = await here.call("POST", "/token", {"origin": "https://rp.example"})
    assert (said.headers["access-control-allow-origin"], said.headers["vary"]) == ("https://rp.example", "origin")


@pytest.mark.parametrize("path", ["/docs", "/matters", "/token"])
async def test_no_answer_ever_allows_credentials(path: str) -> None:
    here = web()
    for said in (await preflight(here, path=path), await here.call("GET", path, here.bearer(person=PERSON) | {"origin": ORIGIN})):
        assert "access-control-allow-credentials" not in said.headers
        assert said.headers.get("access-control-allow-origin") in {None, ORIGIN}


def test_nothing_is_known_before_the_first_snapshot() -> None:
    assert Snapshot({}, snapshot().routes, NO_POLICIES, {}).usual_channels == {}
