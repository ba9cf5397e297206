"""用户管理: a token is verified once, falls with whatever it stands on, and goes no further than the door."""

import pytest

from chassis.http.mesh_token import LIFETIME_S
from contracts.headers import MESH_TOKEN
from contracts.values import GrantId, MandateId, PersonId, SessionId
from gateway.tokens import Tokens
from gateway.walk import AccessToken
from tests.unit.gateway.city import ISSUER, PERSON, City


class Counting(Tokens):
    """`verifications` is how often a signature was looked at."""

    verifications = 0

    def _verify(self, token: str, now: float) -> AccessToken | None:
        self.verifications += 1
        return super()._verify(token, now)


@pytest.fixture
def counting(city: City) -> Counting:
    tokens = Counting(ISSUER)
    tokens._keys, tokens._keys_good_until = city.tokens._keys, city.tokens._keys_good_until
    city.tokens = tokens
    return tokens


async def test_a_token_is_verified_once_for_all_its_requests(city: City, counting: Counting) -> None:
    bearer = city.bearer()
    for _ in range(5):
        assert (await city.call("GET", "/matters", bearer)).status == 200
    assert counting.verifications == 1
    await city.call("GET", "/matters", city.bearer(person=PersonId.new()))
    assert counting.verifications == 2


@pytest.mark.parametrize("of", ["session", "grant", "mandate", "subject"])
async def test_a_remembered_token_falls_with_whatever_it_stands_on(city: City, of: str) -> None:
    stands_on = {"session": SessionId.new(), "grant": GrantId.new(), "mandate": MandateId.new(), "subject": PERSON}
    mandate = {"id": stands_on["mandate"], "until": 2**33, "matters": []}
    bearer = city.bearer(sid=stands_on["session"], grant=stands_on["grant"], mandate=mandate, act={"sub": PersonId.new()})
    other = city.bearer(person=PersonId.new())
    assert (await city.call("GET", "/matters", bearer)).status == 200
    city.tokens.revoke(stands_on[of], city.now)
    assert (await city.call("GET", "/matters", bearer)).problem()["rule"] == "access-token"
    assert (await city.call("GET", "/matters", other)).status == 200


async def test_a_service_is_given_a_short_token_of_the_mesh_and_never_the_client_s(city: City) -> None:
    bearer = city.bearer(
        act={"sub": (actor := PersonId.new())}, mandate={"id": (mandate := MandateId.new()), "until": 2**33, "matters": ["m"]}
    )
    assert (await city.call("GET", "/matters", bearer)).status == 200
    headers = city.asked[-1][2]
    assert bearer["authorization"].removeprefix("Bearer ") not in "".join(headers.values())
    assert MESH_TOKEN in headers
    assert LIFETIME_S <= 60
    caller = city.caller()
    assert (caller.person, caller.actor, caller.mandate, caller.mandate_matters) == (PERSON, actor, mandate, ("m",))
    assert (caller.assurance, caller.auth_time) == (2, int(city.now))
