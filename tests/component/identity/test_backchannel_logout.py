"""Clients are told that a sign-on has ended: at least once, with an end, and by one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from contracts.values import PartyId
from services.identity.commands.sign_on import revoke_session
from services.identity.deliveries import logout_deliveries
from services.identity.domain.logout import DELIVERY_LEASE, PAUSES
from services.identity.repository import LogoutDeliveries
from services.identity.repository.expired import KEPT
from services.identity.tables import logout_deliveries as rows_of
from tests.component.identity.clients import code_form, token_by
from tests.component.identity.office import Office, back, claims_of
from tests.component.identity.settings import settle
from tests.support.eventually import eventually
from tests.support.listening import listening
from tests.support.station import running


@dataclass
class Receiver:
    """A client's end of the back channel. `tells` are the tokens it was given, `status` what it answers."""

    url: str = ""
    status: int = 200
    slow_s: float = 0.0
    tells: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    app, found = FastAPI(openapi_url=None), Receiver()

    @app.post("/told")
    async def told(request: Request) -> Response:
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        form = await request.form()
        assert form.keys() == {"logout_token"}
        found.tells.append(str(form["logout_token"]))
        await asyncio.sleep(found.slow_s)
        return Response(status_code=found.status, headers={"location": "/elsewhere"} if found.status in {302, 307} else None)

    @app.api_route("/elsewhere", methods=["GET", "POST"])
    async def elsewhere(request: Request) -> None:
        found.elsewhere.append(request.method)

    async with listening(app) as url:
        found.url = f"{url}/told"
        yield found


@asynccontextmanager
async def delivering(office: Office, processes: int = 1) -> AsyncIterator[None]:
    parts = [logout_deliveries(office.database, office.clock, office.door.app.state.signer).main for _ in range(processes)]
    async with running(*parts):
        yield


async def rows(office: Office) -> list[Any]:
    async with office.database.reading() as reading:
        return list((await reading.execute(select(rows_of).order_by(rows_of.c.created_at))).all())


async def ended(office: Office, session_id: str) -> None:
    async with office.database.transaction() as session:
        await revoke_session(session, session_id, at=office.clock.now())


async def settled(office: Office, *outcomes: str | None) -> bool:
    return [each.outcome for each in await rows(office)] == list(outcomes)


@pytest.fixture
async def signed_on(office: Office, receiver: Receiver) -> dict[str, Any]:
    """Claims of the ID token of a person at a client that wants to be told."""
    await settle(office, backchannel_logout_uri=receiver.url)
    await office.registered()
    return claims_of((await office.signed_on())["id_token"])


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_a_client_is_told_by_a_token_that_the_published_keys_prove(
    office: Office, receiver: Receiver, signed_on: dict[str, Any], algorithm: str
) -> None:
    await settle(office, backchannel_logout_uri=receiver.url, id_token_alg=algorithm)
    await ended(office, signed_on["sid"])
    async with delivering(office):
        await eventually(lambda: settled(office, "delivered"))
    [token] = receiver.tells
    decoded = jwt.decode(token, KeySet.import_key_set((await office.browse("GET", "/jwks")).json()), algorithms=[algorithm])
    assert (decoded.header["typ"], decoded.header["alg"]) == ("logout+jwt", algorithm)
    said, now = decoded.claims, int(office.clock.now().timestamp())
    assert said.pop("jti")
    assert said == {
        "iss": office.issuer,
        "aud": office.client,
        "sub": signed_on["sub"],
        "sid": signed_on["sid"],
        "iat": now,
        "exp": now + 120,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }


async def test_an_end_that_is_taken_back_tells_nobody(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    """The row is written in the transaction of the end itself."""

    async def begun() -> None:
        async with office.database.transaction() as session:
            await revoke_session(session, signed_on["sid"], at=office.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await begun()
    assert await rows(office) == []


async def test_each_client_of_the_sign_on_is_told_once_and_no_other(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    first = office.client
    for number in range(3):
        office.client = PartyId.new()
        await office.know(office.client)
        if number:
            await settle(office, backchannel_logout_uri=receiver.url)
        if number < 2:
            await office.redeem(back(await office.follow(await office.browse("GET", office.request())))["code"])
    office.client = first
    await office.redeem(back(await office.follow(await office.browse("GET", office.request())))["code"])
    await ended(office, signed_on["sid"])
    await ended(office, signed_on["sid"])
    async with delivering(office):
        await eventually(lambda: settled(office, "delivered", "delivered"))
    told = {claims_of(each)["aud"] for each in receiver.tells}
    assert (len(receiver.tells), len(told), first in told) == (2, 2, True)


async def postponed(office: Office, by: timedelta) -> bool:
    """Whether the attempt has been settled: its row is due when the pause is over, not when the lease is."""
    return [each.due_at for each in await rows(office)] == [office.clock.now() + by]


async def test_a_client_that_is_away_is_told_when_it_is_back(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    await ended(office, signed_on["sid"])
    receiver.status = 503
    async with delivering(office):
        await eventually(lambda: postponed(office, PAUSES[0]))
        receiver.status = 200
        await asyncio.sleep(1.2)
        assert len(receiver.tells) == 1, "it is given time to come back"
        office.clock.advance(PAUSES[0])
        await eventually(lambda: settled(office, "delivered"))
    assert len({claims_of(each)["jti"] for each in receiver.tells}) == 2


async def test_there_is_an_end_to_trying(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    receiver.status = 500
    await ended(office, signed_on["sid"])
    async with delivering(office):
        for pause in PAUSES:
            await eventually(lambda pause=pause: postponed(office, pause))  # type: ignore[misc]
            office.clock.advance(pause)
        await eventually(lambda: settled(office, "given_up"))
        office.clock.advance(timedelta(days=1))
        await asyncio.sleep(1.2)
    assert len(receiver.tells) == len(PAUSES) + 1


async def test_a_client_that_refuses_the_token_is_not_asked_again(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    receiver.status = 400
    await ended(office, signed_on["sid"])
    async with delivering(office):
        await eventually(lambda: settled(office, "refused"))


@pytest.mark.parametrize("status", [302, 307])
async def test_a_client_sends_us_nowhere(office: Office, receiver: Receiver, signed_on: dict[str, Any], status: int) -> None:
    receiver.status = status
    await ended(office, signed_on["sid"])
    async with delivering(office):
        await eventually(lambda: receiver.tells)
    assert receiver.elsewhere == []
    assert await settled(office, None)


async def test_two_processes_do_not_tell_twice(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    receiver.slow_s = 0.2
    for _ in range(5):
        await ended(office, claims_of((await office.signed_on())["id_token"])["sid"])
    await ended(office, signed_on["sid"])
    async with delivering(office, processes=3):
        await eventually(lambda: settled(office, *["delivered"] * 6))
    assert len(receiver.tells) == 6


async def test_what_a_dead_process_had_claimed_is_told_by_the_next(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    await ended(office, signed_on["sid"])
    async with office.database.transaction() as session:
        assert len(await LogoutDeliveries(session).claim(office.clock.now(), limit=20)) == 1
    async with delivering(office):
        await asyncio.sleep(0.2)
        assert receiver.tells == []
        office.clock.advance(DELIVERY_LEASE)
        await eventually(lambda: settled(office, "delivered"))


async def test_a_client_that_hangs_holds_up_nobody_else(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    await ended(office, signed_on["sid"])
    for _ in range(5):
        await ended(office, claims_of((await office.signed_on())["id_token"])["sid"])
    hanging = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    await settle(office, backchannel_logout_uri=f"http://127.0.0.1:{hanging.sockets[0].getsockname()[1]}/")
    async with delivering(office):
        await asyncio.sleep(0.3)
        office.client = PartyId.new()
        await office.know(office.client)
        await settle(office, backchannel_logout_uri=receiver.url)
        await ended(office, claims_of((await office.signed_on())["id_token"])["sid"])
        await eventually(lambda: len(receiver.tells) == 1, within=4)
    hanging.close()


@pytest.mark.parametrize("change", ["withdrawn", "suspended"])
async def test_whoever_is_not_to_be_told_any_more_is_not(
    office: Office, receiver: Receiver, signed_on: dict[str, Any], change: str
) -> None:
    await ended(office, signed_on["sid"])
    office.clock.advance(timedelta(seconds=1))
    if change == "withdrawn":
        await settle(office, backchannel_logout_uri=None)
    else:
        await office.know(office.client, status="suspended")
    async with delivering(office):
        await eventually(lambda: settled(office, "withdrawn"))
    assert receiver.tells == []


async def test_a_stolen_code_has_its_client_told(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    code = back(await office.login())["code"]
    said = (await office.redeem(code)).json()
    await office.redeem(code)
    async with delivering(office):
        await eventually(lambda: settled(office, "delivered"))
    assert claims_of(receiver.tells[0])["sid"] == claims_of(said["id_token"])["sid"]


async def test_a_stolen_refresh_token_has_its_client_told(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    await settle(office, profile="public", backchannel_logout_uri=receiver.url)
    public = {"client_id": str(office.client)}
    code = back(await office.login())["code"]
    said = (await token_by(office, **code_form(code), **public)).json()
    for _ in range(2):
        again = await token_by(office, grant_type="refresh_token", refresh_token=said["refresh_token"], **public)
        office.clock.advance(timedelta(minutes=1))
    assert again.json()["error"] == "invalid_grant"
    async with delivering(office):
        await eventually(lambda: settled(office, "delivered"))
    assert claims_of(receiver.tells[0])["sid"] == claims_of(said["id_token"])["sid"]


async def test_a_token_that_its_client_revokes_is_no_news_to_it(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    await office.ask("/revoke", token=(await office.signed_on())["refresh_token"])
    assert await rows(office) == []


async def test_what_is_over_is_forgotten(office: Office, receiver: Receiver, signed_on: dict[str, Any]) -> None:
    await ended(office, signed_on["sid"])
    async with delivering(office):
        await eventually(lambda: settled(office, "delivered"))
    for days, kept in ((30, 1), (1, 0)):
        office.clock.advance(timedelta(days=days))
        async with office.database.transaction() as session:
            for each in KEPT:
                await each.forget(session, office.clock.now() - each.life)
        assert len(await rows(office)) == kept
