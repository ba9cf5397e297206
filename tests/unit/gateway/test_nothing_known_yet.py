"""A gateway that has just started tells nobody that they are strangers."""

import pytest

from chassis.database import Database
from gateway.app import with_health
from gateway.door import Exchange
from gateway.registry.snapshots import Snapshots
from gateway.tokens import Tokens
from tests.unit.gateway.city import DISTRICT, ISSUER, City, asked, snapshot


async def test_without_keys_of_identity_a_token_is_asked_to_come_back_and_a_signature_passes(city: City) -> None:
    bearer = city.bearer()
    city.tokens = Tokens(ISSUER)
    said = await city.call("GET", "/matters", bearer)
    assert (said.status, said.problem()["room"], said.problem()["rule"]) == (503, "access", "identity-keys")
    assert said.headers["retry-after"] == "1"
    assert (await city.signed(DISTRICT, "GET", "/matters")).status == 200


async def _inside(exchange: Exchange) -> None:
    exchange.answer(204, (), b"")


@pytest.mark.parametrize(
    ("path", "is_loaded", "status"),
    [
        ("/health/live", False, 200),
        ("/health/ready", False, 503),
        ("/health/ready", True, 200),
        ("/matters", False, 503),
        ("/unknown", False, 503),
        ("/matters", True, 204),
    ],
)
async def test_before_the_registry_is_read_everybody_is_asked_to_come_back(path: str, is_loaded: bool, status: int) -> None:
    snapshots = Snapshots(Database("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere"), poll_s=60)
    if is_loaded:
        snapshots._current = snapshot()
    answer = await asked(with_health(_inside, snapshots), "GET", path, [(b"host", b"x")])
    assert answer.status == status
    assert ("retry-after" in answer.headers) == (status == 503)
    if status == 503 and not path.startswith("/health/"):
        assert answer.problem()["code"] == "unavailable"
