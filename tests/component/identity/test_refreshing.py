"""New tokens for a refresh token: kept by who proves itself, replaced for who cannot, and ended for thieves."""

import asyncio
from datetime import timedelta
from typing import Any

from contracts.events.identity import GrantRevoked
from tests.component.identity.clients import basic, code_form, fapi_code, proven, proving, secret_of, set_up, token_by
from tests.component.identity.office import Office, back, claims_of
from tests.support.dpop import key_of
from tests.support.service import published


async def public(office: Office, **more: str) -> dict[str, Any]:
    """The tokens of a person at a public client."""
    client = await set_up(office, "public")
    await office.registered()
    code = back(await office.login())["code"]
    answer = await office.browse("POST", "/token", code_form(code, client_id=client), **more)
    said: dict[str, Any] = answer.json()
    return said


async def refreshed(office: Office, token: str, *, dpop: str | None = None, **more: str) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "client_id": office.client, "refresh_token": token, **more}
    answer = await office.browse("POST", "/token", form, **({"dpop": dpop} if dpop else {}))
    said: dict[str, Any] = answer.json()
    return said


async def test_who_proves_itself_keeps_its_refresh_token(office: Office) -> None:
    client = await set_up(office, "confidential")
    secret = await secret_of(office)
    await office.registered()
    first = (await token_by(office, basic(client, secret), **code_form(back(await office.login())["code"]))).json()
    for _ in range(2):
        office.clock.advance(timedelta(minutes=20))
        again = (await token_by(office, basic(client, secret), grant_type="refresh_token", refresh_token=first["refresh_token"])).json()
        assert "refresh_token" not in again
        assert claims_of(again["id_token"])["sub"] == claims_of(first["id_token"])["sub"]


async def test_a_fapi_client_may_come_with_another_key(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    code = (await fapi_code(office))["code"]
    said = (await proven(office, "/token", dpop=proving(office, "/token"), **code_form(code))).json()
    form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
    assert (await proven(office, "/token", **form)).json()["error"] == "invalid_dpop_proof"
    again = (await proven(office, "/token", dpop=proving(office, "/token", key=key_of("other")), **form)).json()
    assert claims_of(again["access_token"])["cnf"] == {"jkt": key_of("other").thumbprint()}
    assert "refresh_token" not in again


async def test_a_public_client_has_a_new_refresh_token_for_each_use(office: Office) -> None:
    token = (await public(office))["refresh_token"]
    seen = {token}
    for _ in range(3):
        office.clock.advance(timedelta(minutes=20))
        token = (await refreshed(office, token))["refresh_token"]
        seen.add(token)
    assert len(seen) == 4


async def test_whoever_lost_the_answer_gets_the_same_again(office: Office) -> None:
    token = (await public(office))["refresh_token"]
    first = await refreshed(office, token)
    office.clock.advance(timedelta(seconds=30))
    second = await refreshed(office, token)
    assert second["refresh_token"] == first["refresh_token"]
    assert "refresh_token" in await refreshed(office, first["refresh_token"])
    assert await published(office.database, GrantRevoked) == []


async def test_a_used_refresh_token_ends_everything_when_it_comes_back_later(office: Office) -> None:
    token = (await public(office))["refresh_token"]
    first = await refreshed(office, token)
    office.clock.advance(timedelta(seconds=31))
    assert (await refreshed(office, token))["error"] == "invalid_grant"
    [event] = await published(office.database, GrantRevoked)
    assert event.grant_id == claims_of(first["access_token"])["grant"]
    assert (await refreshed(office, first["refresh_token"]))["error"] == "invalid_grant"
    assert (await refreshed(office, token))["error"] == "invalid_grant"
    assert len(await published(office.database, GrantRevoked)) == 1


async def test_twenty_at_once_have_one_successor(office: Office) -> None:
    token = (await public(office))["refresh_token"]
    answers = await asyncio.gather(*(refreshed(office, token) for _ in range(20)))
    assert len({said["refresh_token"] for said in answers}) == 1
    assert await published(office.database, GrantRevoked) == []


async def test_a_public_client_that_bound_its_tokens_refreshes_by_the_same_key_only(office: Office) -> None:
    said = await public(office, dpop=proving(office, "/token"))
    assert said["token_type"] == "DPoP"
    token = said["refresh_token"]
    for dpop in (None, proving(office, "/token", key=key_of("thief"))):
        assert (await refreshed(office, token, dpop=dpop))["error"] == "invalid_grant"
    first = await refreshed(office, token, dpop=proving(office, "/token"))
    assert (await refreshed(office, token, dpop=proving(office, "/token", key=key_of("thief"))))["error"] == "invalid_grant"
    assert (await refreshed(office, token, dpop=proving(office, "/token")))["refresh_token"] == first["refresh_token"]


async def test_a_scope_can_become_narrower_and_never_wider(office: Office) -> None:
    said = await public(office)
    narrow = await refreshed(office, said["refresh_token"], scope="openid")
    assert (narrow["scope"], claims_of(narrow["access_token"])["scope"]) == ("openid", "openid")
    for scope in ("openid email", "", "everything"):
        assert (await refreshed(office, narrow["refresh_token"], scope=scope))["error"] == "invalid_scope"
    assert (await refreshed(office, narrow["refresh_token"]))["scope"] == "openid profile phone"


async def test_a_refresh_token_lives_as_long_as_its_sign_on(office: Office) -> None:
    token = (await public(office))["refresh_token"]
    office.clock.advance(timedelta(hours=11, minutes=59))
    token = (await refreshed(office, token))["refresh_token"]
    office.clock.advance(timedelta(minutes=1))
    assert (await refreshed(office, token))["error"] == "invalid_grant"
    assert await published(office.database, GrantRevoked) == []


async def test_who_signed_off_is_no_thief(office: Office) -> None:
    said = await public(office)
    assert (await office.browse("POST", "/revoke", {"client_id": office.client, "token": said["refresh_token"]})).status_code == 200
    office.clock.advance(timedelta(minutes=5))
    assert (await refreshed(office, said["refresh_token"]))["error"] == "invalid_grant"
    assert len(await published(office.database, GrantRevoked)) == 1
