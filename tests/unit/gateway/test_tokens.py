"""Which tokens the door believes, whose keys it knows, and who must prove a key."""

import asyncio
import json
import time
from itertools import pairwise
from typing import Any

import pytest
from joserfc.jwk import ECKey

from gateway import tokens as module
from gateway.tokens import Tokens
from tests.support.dpop import key_of, proof
from tests.support.eventually import eventually
from tests.support.forged import forgeries
from tests.unit.gateway.city import APP, IDENTITY_KEY, ISSUER, City, _pem

GOOD = ECKey.import_key(_pem(IDENTITY_KEY))


def test_only_the_good_token_is_believed(city: City) -> None:
    good = city.token()
    for name, forged in forgeries(good, GOOD, now=int(city.now)).items():
        started = time.process_time()
        assert city.tokens.verified(forged, city.now) is None, name
        assert time.process_time() - started < 0.1, name
    assert city.tokens.verified(good, city.now) is not None


@pytest.mark.parametrize(
    ("said", "is_good"),
    [
        ({"exp": -1}, False),
        ({"exp": 0}, False),
        ({"exp": 1}, True),
        ({"exp": 3600}, True),
        ({"exp": 3601}, False),
        ({"iat": 5, "exp": 600}, True),
        ({"iat": 6, "exp": 600}, False),
        ({"iat": -3600, "exp": 1}, False),
        ({"iat": -3599, "exp": 1}, True),
    ],
)
def test_a_token_is_good_from_its_issue_to_the_second_before_its_end(city: City, said: dict[str, int], is_good: bool) -> None:
    now = int(city.now)
    token = city.token(**{name: now + seconds for name, seconds in said.items()})
    assert (city.tokens.verified(token, now) is not None) is is_good
    if is_good and said["exp"] == 1:
        # Also one that is remembered.
        assert city.tokens.verified(token, now + 1) is None


@pytest.mark.parametrize("end", [True, "9999999999", 1e300, 1_548_000_000_000, None, [2**33]])
def test_an_end_that_is_none_is_never_reached(city: City, end: Any) -> None:
    assert city.tokens.verified(city.token(exp=end), city.now) is None


def keys(*names: str) -> bytes:
    return json.dumps({"keys": [{**ECKey.generate_key("P-256").as_dict(private=False), "kid": each} for each in names]}).encode()


class Hasty(Tokens):
    forced_s = 0.05
    retry_s = 0.01


async def test_invented_keys_cause_one_fetch_in_a_while_and_harm_nobody(city: City) -> None:
    tokens, fetched, stop = Hasty(ISSUER), [], asyncio.Event()

    async def fetch() -> bytes:
        fetched.append(time.monotonic())
        return json.dumps({"keys": [{**GOOD.as_dict(private=False), "kid": "id-1"}]}).encode()

    keeping = asyncio.create_task(tokens.keep_keys(fetch, stop))
    await eventually(lambda: tokens.has_keys)
    invented, good = [city.token(header={"kid": f"invented-{number}"}) for number in range(1000)], city.token()
    while len(fetched) < 4:
        assert [tokens.verified(each, city.now) for each in invented] == [None] * len(invented)
        assert tokens.verified(good, city.now) is not None
        await asyncio.sleep(0.001)
    assert all(later - earlier >= Hasty.forced_s for earlier, later in pairwise(fetched))
    stop.set()
    await keeping


def test_a_key_that_is_named_no_more_is_believed_no_more() -> None:
    tokens = Tokens(ISSUER)
    tokens._add_keys(json.loads(keys("old", "new")))
    tokens._add_keys(json.loads(keys("new", "newer")))
    assert tokens._keys.keys() == {"new", "newer"}
    tokens._add_keys({"keys": []})
    assert tokens._keys.keys() == {"new", "newer"}


def test_known_keys_are_good_for_a_day(city: City) -> None:
    assert city.tokens.has_keys
    city.tokens._keys_good_until = time.monotonic()
    assert not city.tokens.has_keys
    assert module._KEYS_GOOD_FOR_S == 86400


# Tokens that are bound to a key


def bound(city: City) -> str:
    return city.token(APP, None, cnf={"jkt": key_of("holder").thumbprint()})


def presented(city: City, token: str, *, scheme: str = "DPoP", **more: Any) -> dict[str, str]:
    said = {"method": "GET", "url": f"{ISSUER}/matters", "token": token, **more}
    return {"authorization": f"{scheme} {token}", "dpop": proof(said.pop("method"), said.pop("url"), now=city.now, **said)}


@pytest.mark.parametrize("scheme", ["DPoP", "dpOp", "DPOP"])
async def test_a_bound_token_is_good_in_the_hands_of_its_holder(city: City, scheme: str) -> None:
    assert (await city.call("GET", "/matters", presented(city, bound(city), scheme=scheme), query="a=1")).status == 200
    assert city.caller().party == APP


@pytest.mark.parametrize(
    "more",
    [
        {"scheme": "Bearer"},
        {"method": "POST"},
        {"url": f"{ISSUER}/parties"},
        {"url": "http://other.example/matters"},
        {"ath": "other"},
        {"key": key_of("thief")},
        {"iat": 1},
        {"header": {"typ": "JWT"}},
    ],
)
async def test_a_stolen_token_opens_nothing(city: City, more: dict[str, Any]) -> None:
    token = bound(city)
    headers = presented(city, token, **more) | {"authorization": f"{more.get('scheme', 'DPoP')} {token}"}
    said = await city.call("GET", "/matters", headers)
    assert (said.status, said.problem()["room"]) == (401, "access")
    assert said.headers["www-authenticate"].startswith("DPoP ")
    assert 'algs="ES256 PS256"' in said.headers["www-authenticate"]


async def test_a_bound_token_is_asked_to_step_up_in_its_own_scheme(city: City) -> None:
    token = city.token(cnf={"jkt": key_of("holder").thumbprint()})
    said = await city.call("POST", "/wallet", presented(city, token, method="POST", url=f"{ISSUER}/wallet"))
    assert said.headers["www-authenticate"].startswith('DPoP error="insufficient_user_authentication"')


async def test_a_bound_token_without_a_proof_opens_nothing(city: City) -> None:
    token = bound(city)
    for scheme in ("DPoP", "Bearer"):
        assert (await city.call("GET", "/matters", {"authorization": f"{scheme} {token}"})).status == 401


async def test_a_proof_passes_once_and_not_without_the_store(city: City) -> None:
    token = bound(city)
    headers = presented(city, token)
    assert (await city.call("GET", "/matters", headers)).status == 200
    city.decisions.clear()
    again = await city.call("GET", "/matters", headers)
    assert (again.status, again.problem()["rule"]) == (401, "replay")
    city.are_nonces_away = True
    assert (await city.call("GET", "/matters", presented(city, token))).status == 503


async def test_a_proof_for_a_token_that_is_not_bound_is_refused(city: City) -> None:
    token = city.token(APP, None)
    for scheme in ("DPoP", "Bearer"):
        said = await city.call("GET", "/matters", presented(city, token, scheme=scheme))
        assert (said.status, said.problem()["rule"]) == (401, "not-bound")
