"""接入管理: in which environment a party calls, until when, from where and with which certificate."""

import base64
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from contracts.values import PartyId
from gateway.snapshot import Credential, Key, Party
from gateway.unified.edges import Edges
from tests.unit.gateway.city import APP, DISTRICT, KEY, City, party, snapshot
from tests.unit.gateway.keys import certificate

EDGE = "198.51.100.9"
EDGES = Edges((ip_network("198.51.100.0/28"),))
SANDBOX = {"k1": Key(KEY.public_key(), environment="sandbox")}


def known(city: City, *parties: Party) -> City:
    city.known = snapshot(parties=parties)
    return city


async def rule(city: City, party_id: PartyId = DISTRICT, headers: dict[str, str] | None = None) -> str:
    said = await city.signed(party_id, "GET", "/matters", headers)
    return "" if said.status == 200 else str(said.problem()["rule"])


# Environments


@pytest.mark.parametrize(
    ("status", "environment", "expected"),
    [
        ("testing", "sandbox", ""),
        ("testing", "production", "party-status"),
        ("active", "sandbox", ""),
        ("active", "production", ""),
        ("suspended", "sandbox", "party-status"),
        ("suspended", "production", "party-status"),
        ("withdrawn", "sandbox", "party-status"),
        ("withdrawn", "production", "party-status"),
        ("expired", "sandbox", "party-expiry"),
        ("expired", "production", "party-expiry"),
    ],
)
async def test_a_key_opens_the_environment_it_is_for(city: City, status: str, environment: str, expected: str) -> None:
    known(city, party(DISTRICT, "district", status=status, keys={"k1": Key(KEY.public_key(), environment=environment)}))
    assert await rule(city) == expected
    assert (city.decision.environment, city.decision.party) == (environment, DISTRICT)


@pytest.mark.parametrize(("status", "environment"), [("testing", "sandbox"), ("active", "production")])
async def test_a_token_is_of_the_environment_in_which_its_party_is(city: City, status: str, environment: str) -> None:
    known(city, party(APP, "app", status=status))
    assert (await city.call("GET", "/matters", city.bearer())).status == 200
    assert city.decision.environment == environment


@pytest.mark.parametrize(("age", "status"), [(0, 200), (1, 401)])
async def test_a_token_of_the_sandbox_is_none_of_production(city: City, age: int, status: int) -> None:
    known(city, party(APP, "app", production_at=city.now + 0.5))
    said = await city.call("GET", "/matters", city.bearer(iat=int(city.now) - age))
    assert said.status == status
    assert status == 200 or said.problem()["rule"] == "token-of-the-sandbox"


@pytest.mark.parametrize("key", ["", "#k1"])
@pytest.mark.parametrize(("begins", "ends", "is_good"), [(0, None, True), (0, 1, True), (0, 0, False), (1, None, False), (-9, -1, False)])
async def test_a_key_is_good_for_its_time(city: City, key: str, begins: int, ends: int | None, is_good: bool) -> None:
    until = None if ends is None else city.now + ends
    keys = {"k1": Key(KEY.public_key(), not_before=city.now + begins, not_after=until)}
    known(city, party(DISTRICT, "district", keys=keys))
    assert ((await city.signed(DISTRICT, "GET", "/matters", key=key)).status == 200) == is_good


# Until when and from where


@pytest.mark.parametrize(("left", "expected"), [(1, ""), (0, "party-expiry"), (-1, "party-expiry")])
async def test_a_party_calls_until_its_registration_expires(city: City, left: int, expected: str) -> None:
    known(city, party(DISTRICT, "district", expires_at=city.now + left))
    assert await rule(city) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("192.0.2.1", ""),
        ("192.0.2.255", ""),
        ("::ffff:192.0.2.1", ""),
        ("2001:db8::7", ""),
        ("192.0.3.1", "address"),
        ("2001:db9::7", "address"),
        ("", "address"),
    ],
)
async def test_a_party_calls_from_its_own_networks(city: City, peer: str, expected: str) -> None:
    known(city, party(DISTRICT, "district", networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))))
    city.peer = peer
    assert await rule(city) == expected


async def test_an_address_that_is_not_registered_is_told_so_in_both_languages(city: City) -> None:
    known(city, party(DISTRICT, "district", networks=(ip_network("203.0.113.0/24"),)))
    said = (await city.signed(DISTRICT, "GET", "/matters")).problem()
    assert (said["status"], said["code"], said["room"]) == (403, "address-not-registered", "access")
    assert said["titles"]["zh"]
    assert said["titles"]["en"].isascii()


# What an edge says


def forwarded(*values: str) -> list[tuple[str, str]]:
    return [("x-forwarded-for", value) for value in values]


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", forwarded("203.0.113.7"), "192.0.2.1"),
        (EDGE, [], EDGE),
        (EDGE, forwarded("203.0.113.7"), "203.0.113.7"),
        (EDGE, forwarded("10.0.0.1, 203.0.113.7"), "203.0.113.7"),
        (EDGE, forwarded("10.0.0.1", "203.0.113.7"), "203.0.113.7"),
        (EDGE, forwarded("203.0.113.7, 198.51.100.3"), "203.0.113.7"),
        (EDGE, forwarded("203.0.113.7, nonsense"), EDGE),
        (EDGE, forwarded("203.0.113.7, nonsense, 198.51.100.3"), "198.51.100.3"),
        (EDGE, forwarded(""), EDGE),
        (EDGE, [("forwarded", "for=203.0.113.7")], EDGE),
    ],
)
def test_the_address_is_what_the_outermost_trusted_edge_saw(peer: str, headers: list[tuple[str, str]], client: str) -> None:
    assert EDGES.seen(peer, headers) == (client, "", [])


@pytest.mark.parametrize("peer", ["192.0.2.1", EDGE])
def test_what_only_edges_say_goes_no_further(peer: str) -> None:
    said = [("accept", "*/*"), ("client-cert", ":AAAA:"), ("client-cert-chain", "x"), ("forwarded", "x"), ("x-forwarded-for", "x")]
    assert EDGES.seen(peer, said)[2] == [("accept", "*/*")]


@pytest.mark.parametrize("values", [["AAAA"], [":!!:"], ["::"], [":AAAA:, :AAAA:"], [":AAAA:", ":AAAA:"], [":A:"]])
def test_what_is_not_one_certificate_is_none(values: list[str]) -> None:
    assert EDGES.seen(EDGE, [("client-cert", value) for value in values])[1] == ""


SHOWN = certificate("区级系统")


def header(shown: x509.Certificate = SHOWN) -> dict[str, str]:
    """Client-Cert as an edge sets it. Source: RFC 9440 section 2.2."""
    return {"client-cert": f":{base64.b64encode(shown.public_bytes(Encoding.DER)).decode()}:"}


def thumbprint(shown: x509.Certificate = SHOWN) -> str:
    return base64.urlsafe_b64encode(shown.fingerprint(hashes.SHA256())).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("peer", "headers", "more", "expected"),
    [
        (EDGE, header(), {}, ""),
        (EDGE, {}, {}, "client-certificate"),
        (EDGE, header(certificate("another")), {}, "client-certificate"),
        ("192.0.2.1", header(), {}, "client-certificate"),
        (EDGE, header(), {"not_after": 1.0}, "client-certificate"),
        (EDGE, {}, {"environment": "sandbox"}, ""),
    ],
    ids=["its own", "none", "another's", "said by a stranger", "ended", "of the sandbox only"],
)
async def test_a_party_with_certificates_comes_with_one(
    city: City, peer: str, headers: dict[str, str], more: dict[str, Any], expected: str
) -> None:
    city.edges, city.peer = EDGES, peer
    known(city, party(DISTRICT, "district", certificates={thumbprint(): Credential(**more)}))
    assert await rule(city, headers=headers) == expected


@pytest.mark.parametrize(("headers", "of", "status"), [(header(), SHOWN, 200), ({}, SHOWN, 401), (header(), certificate("another"), 401)])
async def test_a_token_bound_to_a_certificate_is_good_with_it_only(
    city: City, headers: dict[str, str], of: x509.Certificate, status: int
) -> None:
    """Source: RFC 8705 section 3."""
    city.edges, city.peer = EDGES, EDGE
    said = await city.call("GET", "/matters", {**headers, **city.bearer(cnf={"x5t#S256": thumbprint(of)})})
    assert said.status == status
    assert status == 200 or said.problem()["rule"] == "bound-token"


@pytest.mark.parametrize("ask", [lambda c, h: c.call("GET", "/docs", h), lambda c, h: c.call("GET", "/matters", {**h, **c.bearer()})])
async def test_no_service_sees_what_a_stranger_says_of_himself(city: City, ask: Callable[[City, Any], Any]) -> None:
    assert (await ask(city, {**header(), "x-forwarded-for": "203.0.113.7", "forwarded": "for=x"})).status == 200
    assert city.asked[-1][2].keys() & {"client-cert", "x-forwarded-for", "forwarded"} == set()
