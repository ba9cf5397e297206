"""The walk as a whole: its order, its record, and what leaves by the door."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from chassis.http.client import Disclosure
from contracts.headers import DATA_ACCESS
from contracts.problems import gateway as problems
from contracts.values import PersonId
from gateway.decision import Deny
from gateway.door import Body, Exchange
from gateway.proxy.answer import Answer
from gateway.snapshot import NOTHING_KNOWN
from gateway.unified.protection import SECURITY_HEADERS
from gateway.walk import Incoming
from tests.unit.gateway.city import APP, DISTRICT, PERSON, SUSPENDED, City, Said, party, snapshot

ROOMS = ["protection", "access", "users", "resources", "authorisation", "portal"]
SEEN = Disclosure((PERSON,), 3, "account", ("name",))


def disclosing(header: str) -> Answer:
    return Answer(200, [(b"content-type", b"application/json"), (DATA_ACCESS.encode(), header.encode())], b'{"name":"x"}')


async def test_a_granted_request_enters_all_six_rooms_in_order(city: City) -> None:
    said = await city.call("GET", "/cases/1", city.bearer())
    assert said.status == 200
    assert list(city.decision.rooms) == ROOMS
    assert set(city.decision.rooms.values()) == {"granted"}
    assert (city.decision.is_granted, city.decision.upstream, city.decision.policy_version) == (True, "application", 7)
    assert (city.decision.party, city.decision.party_kind, city.decision.person) == (APP, "app", PERSON)


@pytest.mark.parametrize(
    ("path", "headers", "room"),
    [
        ("//unknown", {}, "protection"),
        ("/old-matters", {}, "access"),
        ("/wallet", {"authorization": "token of the app itself"}, "users"),
        ("/unknown", {"authorization": "person"}, "resources"),
        ("/wallet", {"authorization": "person"}, "authorisation"),
        ("/matters", {"authorization": "person"}, "portal"),
    ],
)
async def test_the_first_room_that_refuses_ends_the_walk_and_is_named(city: City, path: str, headers: dict[str, str], room: str) -> None:
    city.known = snapshot(closed="app")
    if headers:
        headers = city.bearer(APP, PERSON if headers["authorization"] == "person" else None)
    said = await city.call("POST" if path == "/wallet" else "GET", path, headers)
    assert said.problem()["room"] == city.decision.refused_by == room
    assert list(city.decision.rooms) == ROOMS[: ROOMS.index(room) + 1]
    assert city.decision.rooms[room] == f"refused: {said.problem()['rule']}"
    assert (city.decision.code, city.decision.status) == (said.problem()["code"], said.status)
    assert city.asked == []


async def test_limits_are_drawn_before_anything_is_said_about_users_and_resources(city: City) -> None:
    city.known = snapshot(parties=(party(APP, "app", burst=0),))
    assert (await city.call("GET", "/unknown", city.bearer())).problem()["rule"] == "party-limit"


@pytest.mark.parametrize("path", ["/", "/docs", "/matters", "/token", "/anything"])
async def test_before_anything_is_known_everything_is_refused(city: City, path: str) -> None:
    city.known = NOTHING_KNOWN
    for headers in ({}, city.bearer(), city.signature(DISTRICT, "GET", path)):
        assert (await city.call("GET", path, headers)).status == 401
    assert city.asked == []


async def test_every_request_leaves_one_record_and_is_told_its_id(city: City) -> None:
    first = await city.call("GET", "/matters", city.bearer())
    second = await city.call("GET", "/matters", city.bearer(SUSPENDED))
    third = await city.call("GET", "//")
    assert [each.request_id for each in city.decisions] == [each.headers["request-id"] for each in (first, second, third)]
    assert [each.status for each in city.decisions] == [200, 403, 400]
    assert city.asked[0][2]["tongban-request-id"] == first.headers["request-id"]


async def test_a_refusal_is_a_problem_in_the_caller_s_language(city: City) -> None:
    chinese = (await city.call("GET", "/matters")).problem()
    english = (await city.call("GET", "/matters", {"accept-language": "en"})).problem()
    assert (chinese["title"], english["title"]) == ("调用方未接入登记", "The caller is not a registered party")
    assert chinese["titles"] == english["titles"] == {"zh": chinese["title"], "en": english["title"]}


async def test_what_passes_to_the_service_is_what_came(city: City) -> None:
    headers = {"content-type": "application/json", "idempotency-key": "k"}
    await city.signed(DISTRICT, "POST", "/cases/1/decision", headers, body=b"{}", query="a=1")
    method, target, passed, body = city.asked[-1]
    assert (method, target, body) == ("POST", "/cases/1/decision?a=1", b"{}")
    assert (passed["content-type"], passed["idempotency-key"]) == ("application/json", "k")


async def test_nothing_internal_and_nothing_of_the_connection_leaves(city: City) -> None:
    inside = [
        (b"tongban-internal", b"x"),
        (b"connection", b"close"),
        (b"transfer-encoding", b"chunked"),
        (b"server", b"x"),
        (b"etag", b'"1"'),
    ]
    city.answer = Answer(200, inside, b"{}")
    said = await city.call("GET", "/docs")
    assert {"etag", "content-length", "request-id"} <= said.headers.keys()
    assert not {"tongban-internal", "connection", "transfer-encoding", "server"} & said.headers.keys()


async def test_every_answer_carries_the_security_headers_and_a_service_may_have_its_own(city: City) -> None:
    city.answer = Answer(200, [(b"cache-control", b"max-age=60")], b"{}")
    granted, refused = await city.call("GET", "/docs"), await city.call("GET", "/matters")
    wanted = {name.decode(): value.decode() for name, value in SECURITY_HEADERS}
    assert wanted.items() <= refused.headers.items()
    assert granted.headers.items() >= {**wanted, "cache-control": "max-age=60"}.items()


@pytest.mark.parametrize(("status", "has_length"), [(200, True), (204, False), (304, False)])
async def test_an_answer_without_body_states_no_length(city: City, status: int, has_length: bool) -> None:
    city.answer = Answer(status)
    assert ("content-length" in (await city.call("GET", "/docs")).headers) is has_length


async def test_a_service_that_does_not_answer_is_a_problem_with_its_rule_in_the_record(city: City) -> None:
    city.answer = Deny(problems.UPSTREAM_AWAY, "connection")
    said = await city.call("GET", "/docs")
    assert (said.status, said.problem()["code"]) == (502, "upstream-away")
    assert (city.decision.is_granted, city.decision.code, city.decision.rule, city.decision.status) == (
        True,
        "upstream-away",
        "connection",
        502,
    )


async def test_an_answer_with_personal_data_leaves_when_its_record_is_on_disk(city: City) -> None:
    city.answer = disclosing(SEEN.header())
    said = await city.call("GET", "/cases/1", city.bearer())
    assert (said.status, said.body) == (200, b'{"name":"x"}')
    assert DATA_ACCESS not in said.headers
    [record] = city.durable_decisions
    assert record.access == {"subjects": [PERSON], "organisations": [], "grade": 3, "purpose": "account", "items": ["name"]}
    assert city.decisions == []


async def test_what_becomes_a_case_is_recorded_under_its_number(city: City) -> None:
    number = "11310101TE5T010192431010190000020261126000001"
    city.answer = disclosing(replace(SEEN, purpose=number).header())
    await city.call("GET", "/cases/1", city.bearer())
    [record] = city.durable_decisions
    assert record.case_number == number


async def test_with_the_ledger_away_personal_data_does_not_leave(city: City) -> None:
    city.is_ledger_away = True
    city.answer = disclosing(SEEN.header())
    said = await city.call("GET", "/cases/1", city.bearer())
    assert (said.status, said.problem()["rule"], said.headers["retry-after"]) == (503, "ledger", "1")
    assert b"name" not in said.body
    city.answer = Answer(200, [], b"{}")
    assert (await city.call("GET", "/cases/1", city.bearer())).status == 200


async def test_a_record_that_is_written_late_says_that_nothing_was_shown(city: City) -> None:
    kept: list[Any] = []

    async def late(decision: Any) -> None:
        kept.append(decision)
        city.is_ledger_away = True
        await City.durable(city, decision)

    city.durable = late  # type: ignore[method-assign]
    city.answer = disclosing(SEEN.header())
    await city.call("GET", "/cases/1", city.bearer())
    assert (kept[0].status, kept[0].access, kept[0].rule) == (503, None, "ledger")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "!",
        "bm90IGpzb24=",
        "W10=",
        "e30=",
        Disclosure((), 3, "account").header(),
        Disclosure(("no-person",), 3, "account").header(),  # type: ignore[arg-type]
    ],
)
async def test_a_statement_of_access_that_nobody_can_read_keeps_the_answer_back(city: City, header: str) -> None:
    city.answer = disclosing(header)
    said = await city.call("GET", "/cases/1", city.bearer())
    assert (said.status, said.problem()["rule"]) == (502, "disclosure")
    assert city.decision.status == 502


async def test_a_request_whose_rest_never_comes_goes_nowhere_and_is_recorded_as_that(city: City) -> None:
    said, body = Said(), Body(100, lambda: None)
    body.feed(b"half")
    waiting = asyncio.create_task(city.pipeline()(Exchange(Incoming("POST", "/token", "", [("host", "x")], length=100), body, said)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (said.sent, city.asked) == (b"", [])
    assert (city.decision.status, city.decision.rule) == (499, "hung-up")


async def test_keys_of_identity_are_asked_for_until_they_are_there_and_kept_when_it_is_away(city: City) -> None:
    answers: list[Any] = [b"not json", b"[]", b"{}", b'{"keys":[{"kty":"EC"}]}', json.dumps({"keys": []}).encode()]
    stop = asyncio.Event()
    tokens = city.tokens

    async def fetch() -> bytes:
        answer = answers.pop(0)
        if not answers:
            stop.set()
        tokens._unknown_key.set()
        return bytes(answer)

    known = dict(tokens._keys)
    for _ in range(4):
        assert await tokens._fetch_keys(fetch) is False
    assert await tokens._fetch_keys(fetch) is True
    assert tokens._keys == known
    await asyncio.wait_for(tokens.keep_keys(fetch, stop), 1)


async def test_another_person_s_data_is_recorded_under_its_subject(city: City) -> None:
    other = PersonId.new()
    city.answer = disclosing(Disclosure((other, PERSON), 2, "case").header())
    await city.call("GET", "/cases/1", city.bearer())
    assert city.durable_decisions[0].access is not None
    assert city.durable_decisions[0].access["subjects"] == [other, PERSON]
