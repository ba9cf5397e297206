"""安全防护: canonical requests only, within limits, once."""

import pytest

from gateway.unified.protection import SECURITY_HEADERS, security_headers
from tests.unit.gateway.city import CONSOLE, DISTRICT, City, snapshot


@pytest.mark.parametrize(
    "path",
    [
        "",
        "cases",
        "//docs",
        "/docs/",
        "/a//b",
        "/./docs",
        "/a/../docs",
        "/..",
        "/a/.",
        "/a/%2e%2e/docs",
        "/a%2fdocs",
        "/a%2Fdocs",
        "/a%5cdocs",
        "/a%5Cdocs",
        "/a%00",
        "/a%0d%0ab",
        "/a%1f",
        "/a%7F",
        "/%64ocs",
        "/doc%73",
        "/a%2Db",
        "/a%5fb",
        "/a%7eb",
        "/a%31",
        "/a%4A",
        "/a%5a",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a b",
        "/a\\b",
        "/a?b",
        "/a#b",
        "/a{b}",
        "/é",
        "/a\r\nb",
    ],
)
async def test_a_path_that_is_not_canonical_is_refused(city: City, path: str) -> None:
    said = await city.call("GET", path)
    assert said.status == 400
    assert said.problem()["rule"] == "canonical-path"


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/a/b.c", "/.well-known/openid-configuration", "/a/%E4%BA%8B", "/a/%e4", "/a;v=1,2", "/a/...", "/a%20b"]
)
async def test_a_canonical_path_goes_on_to_the_next_room(city: City, path: str) -> None:
    said = await city.call("GET", path)
    assert said.status == 200 if path == "/docs" else said.problem()["room"] == "access"


@pytest.mark.parametrize("query", ["a=\xe9", "a=\x00", "a=b c", "a=\r\nx: y"])
async def test_a_query_is_printable_ascii(city: City, query: str) -> None:
    said = await city.call("GET", "/docs", query=query)
    assert said.problem()["rule"] == "canonical-query"


@pytest.mark.parametrize(
    "name",
    [
        "host",
        "authorization",
        "content-type",
        "content-length",
        "content-digest",
        "dpop",
        "idempotency-key",
        "signature",
        "signature-input",
        "tongban-operator",
    ],
)
async def test_a_header_that_must_be_single_may_not_be_double(city: City, name: str) -> None:
    said = await city.call("GET", "/docs", [(name, "a"), (name, "a")])
    assert said.status == 400
    assert said.problem()["detail"] == f"{name} is given twice"


async def test_a_body_over_the_limit_is_refused(city: City) -> None:
    assert (await city.call("POST", "/token", body=b"x" * 1000)).status == 200
    said = await city.call("POST", "/token", body=b"x" * 1001)
    assert said.status == 413
    assert said.problem()["rule"] == "body-limit"


@pytest.mark.parametrize(
    "name",
    [
        "tongban-mesh-token",
        "tongban_mesh_token",
        "tongban-request-id",
        "tongban_request_id",
        "tongban-data-access",
        "tongban-deadline-ms",
        "tongban_operator",
        "tongban-Mesh_token",
        "x-forwarded-for",
        "x-user-id",
        "forwarded",
        "baggage",
    ],
)
async def test_nothing_from_outside_names_a_caller_inside(city: City, name: str) -> None:
    assert (await city.call("GET", "/matters", {**city.bearer(), name.lower(): "forged"})).status == 200
    assert "forged" not in city.asked[-1][2].values()


async def test_an_attempt_to_name_a_caller_is_in_the_record_whether_it_is_let_in_or_refused(city: City) -> None:
    forged = {"tongban_mesh_token": "forged"}
    assert (await city.call("GET", "/matters", {**city.bearer(), **forged})).status == 200
    assert (await city.call("GET", "/matters", forged)).status == 401
    assert (await city.call("GET", "/matters", city.bearer())).status == 200
    assert [each.rooms["protection"].endswith("; forged headers removed") for each in city.decisions] == [True, True, False]
    assert city.decisions[1].refused_by == "access"


async def test_credentials_do_not_go_further_than_the_rooms_except_to_the_sign_on(city: City) -> None:
    await city.call("GET", "/matters", {**city.bearer(), "cookie": "a=b"})
    assert not {"authorization", "cookie"} & city.asked[-1][2].keys()
    await city.call("POST", "/token", {"authorization": "Basic x", "cookie": "a=b", "dpop": "proof"})
    assert {"authorization", "cookie", "dpop"} <= city.asked[-1][2].keys()


def test_who_is_reached_by_https_says_that_nothing_else_will_do() -> None:
    assert (b"strict-transport-security", b"max-age=31536000; includeSubDomains") in security_headers("https://city.example")
    assert security_headers("http://localhost:8080") == SECURITY_HEADERS


async def test_a_signed_request_passes_once(city: City) -> None:
    headers = city.signature(DISTRICT, "GET", "/matters")
    assert (await city.call("GET", "/matters", headers)).status == 200
    said = await city.call("GET", "/matters", headers)
    assert (said.status, said.problem()["code"], said.problem()["room"]) == (409, "replayed-request", "protection")
    assert len(city.asked) == 1


async def test_a_refused_request_does_not_use_up_its_nonce(city: City) -> None:
    city.known = snapshot(closed="district")
    headers = city.signature(DISTRICT, "GET", "/matters")
    assert (await city.call("GET", "/matters", headers)).status == 403
    city.known = snapshot()
    assert (await city.call("GET", "/matters", headers)).status == 200


async def test_with_the_nonces_away_nothing_signed_passes_and_everything_else_does(city: City) -> None:
    city.are_nonces_away = True
    said = await city.signed(CONSOLE, "GET", "/parties", {"tongban-operator": "op-001"})
    assert (said.status, said.problem()["rule"]) == (503, "replay-store")
    assert city.asked == []
    assert (await city.call("GET", "/matters", city.bearer())).status == 200


async def test_the_sign_on_learns_where_a_request_comes_from_and_nobody_else_does(city: City) -> None:
    await city.call("POST", "/token", {"tongban-source": "203.0.113.7"})
    assert city.asked[-1][2]["tongban-source"] == "192.0.2.1"
    await city.call("GET", "/matters", city.bearer())
    assert "tongban-source" not in city.asked[-1][2]
