"""A party as a client through its life: tokens by the keys that are good where it is, and none once it is out of use."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from contracts.events.gateway import PartyChanged
from tests.component.identity.office import Office
from tests.support.service import private_key


async def asked(office: Office) -> httpx.Response:
    return await office.ask("/token", grant_type="client_credentials")


async def becomes(office: Office, status: str, *, key: str = "client") -> None:
    """The gateway tells that the party is so from now on, with this key."""
    office.clock.advance(timedelta(seconds=1))
    jwk: dict[str, Any] = ECKey.import_key(private_key(key)).as_dict(private=False)
    event = PartyChanged(party_id=office.client, name="示例应用", kind="app", status=status, jwks=(jwk,), changed_at=office.clock.now())
    await office.feed.deliver(event, at=office.clock.now())


@pytest.mark.parametrize("status", ["testing", "active"])
async def test_a_party_in_use_has_tokens_by_the_key_that_the_gateway_named(office: Office, status: str) -> None:
    await becomes(office, status)
    assert (await asked(office)).status_code == 200


@pytest.mark.parametrize("status", ["suspended", "expired", "withdrawn"])
async def test_a_party_out_of_use_has_none(office: Office, status: str) -> None:
    await becomes(office, status)
    assert (await asked(office)).json()["error"] == "invalid_client"
    await becomes(office, "active")
    assert (await asked(office)).status_code == 200


async def test_the_key_of_the_sandbox_is_none_of_production(office: Office) -> None:
    await becomes(office, "testing", key="client")
    await becomes(office, "active", key="production")
    assert (await asked(office)).json()["error"] == "invalid_client"
