"""Kiosks and hall screens: a code on the screen, a person elsewhere who lets it in, and a device that may not be hasty."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from contracts.values import PartyId
from services.identity.commands.sign_on import revoke_session
from services.identity.domain.clients import DEVICE_CODE
from services.identity.domain.device_grant import shown, typed
from services.identity.domain.sign_on import Session
from services.identity.repository import Sessions
from services.identity.repository.expired import KEPT
from services.identity.tables import device_guesses, device_requests
from tests.component.identity.clients import proving
from tests.component.identity.office import PASSWORD, PEOPLE, Office, claims_of, fields
from tests.component.identity.settings import settle


@pytest.fixture
async def kiosk(office: Office) -> dict[str, Any]:
    """A kiosk that waits, and a person of assurance 2 who has an account."""
    await settle(office, grant_types=[DEVICE_CODE, "refresh_token"])
    await office.registered()
    return await asked(office)


async def asked(office: Office, scope: str = "openid profile") -> dict[str, Any]:
    answer = await office.ask("/device_authorization", scope=scope)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def polled(office: Office, kiosk: dict[str, Any]) -> httpx.Response:
    return await office.ask("/token", grant_type=DEVICE_CODE, device_code=kiosk["device_code"])


async def refused(office: Office, kiosk: dict[str, Any]) -> str:
    answer = await polled(office, kiosk)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


async def at_the_page(office: Office, query: str = "", **headers: str) -> httpx.Response:
    """The page, in a browser whose person signs on when asked to."""
    page = await office.follow(await office.browse("GET", f"/device{query}", **headers), **headers)
    if "username" in fields(page):
        form = {**fields(page), "username": "13800000001", "password": PASSWORD, "action": "login"}
        answer = await office.follow(await office.browse("POST", "/sign-on", form), **headers)
        page = await office.browse("GET", answer.headers["location"].removeprefix(office.issuer), **headers)
    assert page.status_code == 200, page.text
    return page


async def found(office: Office, user_code: str) -> httpx.Response:
    page = await at_the_page(office)
    return await office.browse("POST", "/device", {**fields(page), "user_code": user_code, "action": "find"})


async def decided(office: Office, kiosk: dict[str, Any], action: str = "allow", **headers: str) -> httpx.Response:
    page = await found(office, kiosk["user_code"])
    return await office.browse("POST", "/device", {**fields(page), "action": action}, **headers)


async def test_a_person_lets_a_device_in(office: Office, kiosk: dict[str, Any]) -> None:
    assert (kiosk["expires_in"], kiosk["interval"], kiosk["verification_uri"]) == (600, 5, f"{office.issuer}/device")
    assert kiosk["verification_uri_complete"] == f"{office.issuer}/device?user_code={kiosk['user_code']}"
    assert len(kiosk["device_code"]) >= 43
    assert await refused(office, kiosk) == "authorization_pending"
    page = await found(office, kiosk["user_code"].lower().replace("-", " "))
    for said in ("示例应用", kiosk["user_code"], "确认您的身份", "查看您的姓名"):
        assert said in page.text
    assert "查看您的手机号" not in page.text
    assert 'id="done"' in (await office.browse("POST", "/device", {**fields(page), "action": "allow"})).text
    answer = await polled(office, kiosk)
    said = answer.json()
    assert (answer.status_code, answer.headers["cache-control"], said["scope"]) == (200, "no-store", "openid profile")
    access = claims_of(said["access_token"])
    assert (access["client_id"], access["subject_type"], access["assurance"]) == (office.client, "person", 2)
    assert claims_of(said["id_token"])["sub"] == access["sub"]
    assert (await office.browse("GET", "/userinfo", authorization=f"Bearer {said['access_token']}")).json()["sub"] == access["sub"]
    assert (await office.ask("/token", grant_type="refresh_token", refresh_token=said["refresh_token"])).status_code == 200


async def test_the_device_has_a_sign_on_of_its_own(office: Office, kiosk: dict[str, Any]) -> None:
    """It is in the person's list under its client's name, lasts an hour, and ends without theirs."""
    await decided(office, kiosk)
    access = claims_of((await polled(office, kiosk)).json()["access_token"])
    async with office.database.reading() as reading:
        live = await Sessions(reading).live_of(access["sub"], office.clock.now())
    [device] = [each for each in live if each.id == access["sid"]]
    assert (len(live), device.device, device.expires_at) == (2, "示例应用", office.clock.now() + timedelta(hours=1))
    async with office.database.transaction() as session:
        await revoke_session(session, device.id, at=office.clock.now())
    assert 'id="user_code"' in (await office.browse("GET", "/device")).text


async def test_a_device_is_let_in_once(office: Office, kiosk: dict[str, Any]) -> None:
    await decided(office, kiosk)
    assert (await polled(office, kiosk)).status_code == 200
    assert await refused(office, kiosk) == "invalid_grant"


async def test_a_device_that_is_refused_is_told(office: Office, kiosk: dict[str, Any]) -> None:
    assert "已拒绝" in (await decided(office, kiosk, "deny")).text
    assert await refused(office, kiosk) == "access_denied"
    assert 'id="message"' in (await found(office, kiosk["user_code"])).text, "nobody changes their mind for them"


async def test_a_hasty_device_is_slowed_down_for_good(office: Office, kiosk: dict[str, Any]) -> None:
    assert await refused(office, kiosk) == "authorization_pending"
    office.clock.advance(timedelta(seconds=4))
    assert await refused(office, kiosk) == "slow_down"
    office.clock.advance(timedelta(seconds=9))
    assert await refused(office, kiosk) == "slow_down"
    office.clock.advance(timedelta(seconds=15))
    assert await refused(office, kiosk) == "authorization_pending"


async def test_codes_live_ten_minutes(office: Office, kiosk: dict[str, Any]) -> None:
    await at_the_page(office)
    office.clock.advance(timedelta(minutes=10))
    assert await refused(office, kiosk) == "expired_token"
    assert "代码错误或已过期" in (await found(office, kiosk["user_code"])).text


async def test_a_device_code_is_for_its_client(office: Office, kiosk: dict[str, Any]) -> None:
    await decided(office, kiosk)
    mine, office.client = office.client, PartyId.new()
    await office.know(office.client)
    assert await refused(office, kiosk) == "invalid_grant"
    office.client = mine
    assert (await polled(office, kiosk)).status_code == 200
    assert await refused(office, {"device_code": "other"}) == "invalid_grant"


async def test_only_a_client_that_is_registered_for_devices_may_ask(office: Office) -> None:
    await settle(office, grant_types=["authorization_code"])
    assert (await office.ask("/device_authorization", scope="openid")).json()["error"] == "unauthorized_client"
    await settle(office, grant_types=[DEVICE_CODE], scopes=["openid", "offline_access", "phone"])
    assert (await office.ask("/device_authorization", scope="offline_access")).json()["error"] == "invalid_scope"
    assert (await office.ask("/device_authorization", scope="profile")).json()["error"] == "invalid_scope"
    stranger = await office.ask("/device_authorization", assertion=office.assertion(key="stranger"), scope="openid")
    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")


async def test_a_kiosk_without_a_secret_proves_a_key(office: Office) -> None:
    await settle(office, profile="public", grant_types=[DEVICE_CODE, "refresh_token"])
    await office.registered()
    public = {"client_id": str(office.client)}
    kiosk = (await office.browse("POST", "/device_authorization", {**public, "scope": "openid"})).json()
    await decided(office, kiosk)
    form = {**public, "grant_type": DEVICE_CODE, "device_code": kiosk["device_code"]}
    answer = await office.browse("POST", "/token", form, dpop=proving(office, "/token"))
    assert answer.json()["token_type"] == "DPoP"
    refresh = {**public, "grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    assert (await office.browse("POST", "/token", refresh)).json()["error"] == "invalid_grant"
    assert (await office.browse("POST", "/token", refresh, dpop=proving(office, "/token"))).status_code == 200


async def test_a_code_in_the_link_fills_the_field_and_lets_nobody_in(office: Office, kiosk: dict[str, Any]) -> None:
    """A link that somebody sent must not be a press away from letting their device in."""
    page = await at_the_page(office, "?" + urlsplit(kiosk["verification_uri_complete"]).query)
    assert fields(page)["user_code"] == kiosk["user_code"]
    assert 'id="accept"' not in page.text
    assert await refused(office, kiosk) == "authorization_pending"


@pytest.mark.parametrize("action", ["find", "allow", "deny"])
async def test_the_form_of_another_page_lets_nobody_in(office: Office, kiosk: dict[str, Any], action: str) -> None:
    page = await found(office, kiosk["user_code"])
    answer = await office.browse("POST", "/device", {**fields(page), "action": action}, origin="https://evil.example")
    assert answer.status_code == 403
    assert await refused(office, kiosk) == "authorization_pending"


async def test_whoever_is_not_signed_on_is_asked_to(office: Office, kiosk: dict[str, Any]) -> None:
    answer = await office.browse("POST", "/device", {"user_code": kiosk["user_code"], "action": "allow"})
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-on")
    assert await refused(office, kiosk) == "authorization_pending"


@pytest.mark.parametrize("action", ["find", "allow"])
async def test_codes_cannot_be_found_by_trying(office: Office, kiosk: dict[str, Any], action: str) -> None:
    await at_the_page(office)
    for number in range(5):
        tried = await office.browse("POST", "/device", {"user_code": f"BBBBBBB{'BCDFG'[number]}", "action": action})
        assert tried.status_code == 400
    assert "尝试次数过多" in tried.text
    assert "尝试次数过多" in (await found(office, kiosk["user_code"])).text
    office.clock.advance(timedelta(minutes=15))
    assert "尝试次数过多" not in (await found(office, (await asked(office))["user_code"])).text


async def test_a_right_code_does_not_forgive_the_wrong_ones(office: Office, kiosk: dict[str, Any]) -> None:
    """Whoever has a device of their own could otherwise guess for ever."""
    await at_the_page(office)
    for number in range(4):
        await office.browse("POST", "/device", {"user_code": f"BBBBBBB{'BCDFG'[number]}", "action": "find"})
    assert 'id="accept"' in (await found(office, kiosk["user_code"])).text
    assert "尝试次数过多" in (await found(office, "BBBB-BBBB")).text


async def running(office: Office) -> Session:
    async with office.database.reading() as reading:
        found = await Sessions(reading).of_cookie(office.jar["tongban-sso"])
    assert found is not None
    return found


async def real_person(office: Office) -> None:
    """The account is worth 3 from now on, and so is a sign-on from the next proof."""
    await at_the_page(office)
    sign_on = await running(office)
    capture = base64.b64encode(PEOPLE[0]["face"].encode()).decode()
    answer = await office.api("POST", "/persons/me/verifications", {"method": "face", "capture": capture}, person=sign_on.person_id)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("ago", "assurance"), [(timedelta(minutes=5), 3), (timedelta(minutes=5, seconds=1), 2)])
async def test_a_device_is_worth_more_than_a_real_name_only_after_a_fresh_proof(
    office: Office, kiosk: dict[str, Any], ago: timedelta, assurance: int
) -> None:
    await real_person(office)
    office.jar.clear()
    await at_the_page(office)
    office.clock.advance(ago)
    await decided(office, kiosk)
    assert claims_of((await polled(office, kiosk)).json()["access_token"])["assurance"] == assurance


async def test_who_ends_their_sign_on_before_the_device_comes_takes_it_back(office: Office, kiosk: dict[str, Any]) -> None:
    await decided(office, kiosk)
    sign_on = await running(office)
    async with office.database.transaction() as session:
        await revoke_session(session, sign_on.id, at=office.clock.now())
    assert await refused(office, kiosk) == "access_denied"


async def test_a_client_that_was_suspended_meanwhile_comes_to_nothing(office: Office, kiosk: dict[str, Any]) -> None:
    office.clock.advance(timedelta(seconds=1))
    await office.know(office.client, status="suspended")
    assert 'id="message"' in (await found(office, kiosk["user_code"])).text


async def test_the_page_is_no_client(office: Office, kiosk: dict[str, Any]) -> None:
    await at_the_page(office)
    ours = "00000000-0000-7000-8000-000000000001"
    for address in (None, f"{office.issuer}/device", f"{office.issuer}/device?user_code=&ui_locales=zh"):
        assert (await office.browse("GET", office.request(client_id=ours, redirect_uri=address))).status_code == 400
    for key in ("client", "stranger"):
        assertion = office.assertion(key=key, iss=ours, sub=ours)
        assert (await office.ask("/token", assertion=assertion, grant_type="client_credentials")).status_code == 401


async def test_the_page_speaks_two_languages(office: Office, kiosk: dict[str, Any]) -> None:
    english = await at_the_page(office, "?ui_locales=en")
    assert '<html lang="en">' in english.text
    page = await office.browse("POST", "/device", {**fields(english), "ui_locales": "en", "user_code": kiosk["user_code"]})
    assert "See your name" in page.text
    assert "Let a device in" not in (await at_the_page(office)).text


async def test_what_is_over_is_forgotten(office: Office, kiosk: dict[str, Any]) -> None:
    await found(office, "BBBB-BBBB")
    for passes, kept in ((timedelta(hours=23), [1, 1]), (timedelta(hours=2), [0, 0])):
        office.clock.advance(passes)
        async with office.database.transaction() as session:
            for each in KEPT:
                await each.forget(session, office.clock.now() - each.life)
            counts = [await session.execute(select(func.count()).select_from(each)) for each in (device_requests, device_guesses)]
        assert [each.scalar_one() for each in counts] == kept


def test_a_code_is_typed_as_people_type() -> None:
    for text in ("WDJB-MJHT", "wdjb mjht", " WDJBMJHT ", "w-d-j-b-m-j-h-t"):
        assert shown(typed(text)) == "WDJB-MJHT"
    for text in ("", "WDJB-MJH", "WDJB-MJHTB", "AEIO-UAEI", "\0", "一二三四五六七八"):
        assert typed(text) == ""
