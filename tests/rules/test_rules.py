"""A sample of `make rules`."""

import os

from tests.rules.replaying import replay


async def test_gateway_and_oracle_agree_about_every_request_of_a_sample() -> None:
    outcome = await replay(2_500, seed=int(os.environ.get("TONGBAN_SEED", "1")))
    assert outcome.mismatches[:3] == []
    assert outcome.rooms == {"protection", "access", "users", "resources", "authorisation", "portal"}
    assert outcome.decisions == 2_500
    assert outcome.granted > 100
