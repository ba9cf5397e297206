"""What a token stands on is asked at every introspection: whatever has ended says so at once, on the short way as well."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.values import GrantId, MandateId, SessionId
from services.identity.repository.standing import Standing, hold
from tests.component.identity.clients import basic, code_form, secret_of, set_up, token_by
from tests.component.identity.mandates import given, two
from tests.component.identity.office import Office, back, claims_of


async def held(office: Office) -> tuple[str, dict[str, str]]:
    """A person's access token, and the headers of the client that asks whether it holds."""
    await office.registered()
    client = await set_up(office, "confidential")
    authorization = basic(client, await secret_of(office))
    said = (await token_by(office, authorization, **code_form(back(await office.login())["code"]))).json()
    return said["access_token"], {"authorization": authorization}


async def introspected(office: Office, token: str, headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = (await office.browse("POST", "/introspect", {"token": token}, **headers)).json()
    return answer


@pytest.mark.parametrize(
    "ending",
    ["UPDATE sessions SET revoked_at = now()", "UPDATE grants SET revoked_at = now()", "UPDATE sessions SET expires_at = proven_at"],
)
async def test_what_has_ended_is_not_active_from_then_on(office: Office, ending: str) -> None:
    token, headers = await held(office)
    for _ in range(2):
        said = await introspected(office, token, headers)
        assert (said["active"], said["sid"], said["token_type"]) == (True, claims_of(token)["sid"], "Bearer")
    async with office.database.transaction() as session:
        await session.execute(sa.text(ending))
    assert await introspected(office, token, headers) == {"active": False}


async def test_a_token_that_is_revoked_is_not_active_from_then_on(office: Office) -> None:
    token, headers = await held(office)
    assert (await introspected(office, token, headers))["active"]
    assert (await office.browse("POST", "/revoke", {"token": token}, **headers)).status_code == 200
    assert await introspected(office, token, headers) == {"active": False}


async def test_each_of_many_has_its_own_answer(office: Office) -> None:
    token, _ = await held(office)
    claims, at = claims_of(token), office.clock.now()
    good = Standing(claims["sid"], claims["grant"], claims["sub"], None, at)
    asked = [
        good,
        Standing(SessionId.new(), claims["grant"], claims["sub"], None, at),
        Standing(claims["sid"], GrantId.new(), claims["sub"], None, at),
        Standing(claims["sid"], claims["grant"], claims["sub"], MandateId.new(), at),
        Standing(claims["sid"], claims["grant"], claims["sub"], None, at + timedelta(days=365)),
        good,
    ]
    async with office.database.reading() as reading:
        assert await hold(reading, asked) == [True, False, False, False, False, True]


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE mandates SET accepted_at = NULL",
        "UPDATE mandates SET revoked_at = now()",
        "UPDATE mandates SET ends_at = begins_at",
    ],
)
async def test_a_mandate_has_force_until_it_ends(office: Office, ending: str) -> None:
    mandate = await given(office, *await two(office))
    claims, at = claims_of((await office.signed_on())["access_token"]), office.clock.now()
    asked = [Standing(claims["sid"], claims["grant"], claims["sub"], mandate, at)]
    async with office.database.transaction() as session:
        assert await hold(session, asked) == [True]
        await session.execute(sa.text(ending))
        assert await hold(session, asked) == [False]
