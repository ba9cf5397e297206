"""Where a person is signed on, and ending it; the password, and what its change ends."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.http.mesh_token import CallerFacts
from contracts.events.identity import SessionRevoked
from contracts.values import PersonId, SessionId
from tests.component.identity.office import PASSWORD, Office, back, claims_of
from tests.component.identity.steps import account, asked
from tests.support.service import EVERYTHING, published

PHONE_UA = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


async def signed_on(office: Office, **headers: str) -> str:
    """A new browser of the person; its session."""
    tokens = await office.redeem(back(await office.login(**headers))["code"])
    return str(claims_of(tokens.json()["access_token"])["sid"])


async def call(office: Office, method: str, path: str, person: PersonId, session: str, said: Any = None) -> httpx.Response:
    facts = CallerFacts("gateway", office.client, "app", permissions=EVERYTHING, person=person, assurance=1, session=SessionId(session))
    return await office.door.call(method, path, facts=facts, json=said)


async def test_a_person_sees_every_device_and_ends_one_of_them_everywhere(office: Office) -> None:
    person = await office.registered()
    phone = await signed_on(office, user_agent=PHONE_UA)
    office.clock.advance(timedelta(minutes=1))
    laptop = await signed_on(office)
    listed = (await call(office, "GET", "/persons/me/devices", person, laptop)).json()["items"]
    assert [(each["session_id"], each["device"], each["is_current"]) for each in listed] == [
        (laptop, "", True),
        (phone, "Safari · iPhone", False),
    ]
    assert listed[1]["methods"] == ["pwd"]
    assert PHONE_UA not in str(listed)
    assert office.door.disclosed[-1].subjects == (person,)
    assert (await call(office, "DELETE", f"/persons/me/devices/{phone}", person, laptop)).status_code == 204
    assert [event.session_id for event in await published(office.database, SessionRevoked)] == [phone]
    again = await call(office, "DELETE", f"/persons/me/devices/{phone}", person, laptop)
    assert (again.status_code, again.json()["code"]) == (404, "device-not-found")


async def test_nobody_ends_or_sees_another_s_device(office: Office) -> None:
    await office.registered()
    session = await signed_on(office)
    stranger = PersonId.new()
    assert (await call(office, "DELETE", f"/persons/me/devices/{session}", stranger, session)).status_code == 404
    assert (await call(office, "GET", "/persons/me/devices", stranger, session)).json()["items"] == []
    assert await published(office.database, SessionRevoked) == []


async def test_when_a_device_was_used_last_is_known(office: Office) -> None:
    person = await office.registered()
    session = await signed_on(office)
    office.clock.advance(timedelta(hours=1))
    await asked(office)
    [listed] = (await call(office, "GET", "/persons/me/devices", person, session)).json()["items"]
    assert listed["last_seen_at"] == office.clock.now().isoformat().replace("+00:00", "Z")
    assert listed["signed_on_at"] < listed["last_seen_at"]


async def test_the_page_lists_devices_and_ends_one_or_all_others(office: Office) -> None:
    await office.registered()
    sessions = [await signed_on(office, user_agent=PHONE_UA) for _ in range(3)]
    await signed_on(office)
    page = await account(office, "/account/devices")
    assert page.text.count("Safari · iPhone</strong>") == 3
    one = await account(office, "/account/devices", {"session_id": sessions[0], "action": "end"})
    assert one.text.count("Safari · iPhone</strong>") == 2
    rest = await account(office, "/account/devices", {"action": "others"})
    assert (rest.text.count("Safari · iPhone</strong>"), rest.text.count("（本设备）")) == (0, 1)
    assert {event.session_id for event in await published(office.database, SessionRevoked)} == set(sessions)


async def test_ending_this_device_signs_off_and_its_cookie_opens_nothing(office: Office) -> None:
    await office.registered()
    session = await signed_on(office)
    old = dict(office.jar)
    gone = await account(office, "/account/devices", {"session_id": session, "action": "end"})
    assert "没有登录" in gone.text
    assert 'tongban-sso=""' in gone.headers["set-cookie"]
    office.jar = old
    assert (await account(office, "/account/devices")).status_code == 401
    assert back(await office.browse("GET", office.request(prompt="none")))["error"] == "login_required"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
@pytest.mark.parametrize("path", ["/account/devices", "/account/passkeys"])
async def test_a_form_from_elsewhere_changes_nothing(office: Office, path: str, origin: str) -> None:
    await office.registered()
    other, _ = await signed_on(office), await signed_on(office)
    refused = await account(office, path, {"action": "others", "session_id": other, "password": PASSWORD}, origin=origin)
    assert refused.status_code == 403
    assert (await office.browse("POST", path, {"action": "others"})).status_code == 403
    assert await published(office.database, SessionRevoked) == []


@pytest.mark.parametrize("session", ["", "x", "01a214c7-c6cf-7332-8258-30ddd02c0546", "\0"])
async def test_what_is_no_device_of_theirs_is_not_ended(office: Office, session: str) -> None:
    await office.registered()
    await signed_on(office)
    assert (await account(office, "/account/devices", {"action": "end", "session_id": session})).status_code == 404


async def test_the_account_s_pages_are_for_who_is_signed_on_and_speak_their_language(office: Office) -> None:
    for path in ("/account/devices", "/account/passkeys"):
        office.jar.clear()
        assert (await account(office, path)).status_code == 401
        await office.registered() if path.endswith("devices") else None
        await office.login()
        assert 'lang="en"' in (await account(office, path, {"action": "en"})).text
        assert "font-size: 24px" in (await account(office, path, {"action": "large"})).text
        assert 'lang="en"' in (await account(office, path)).text


async def test_a_changed_password_ends_every_other_sign_on(office: Office) -> None:
    person = await office.registered()
    other, mine = await signed_on(office), await signed_on(office)
    said = {"old_password": PASSWORD, "new_password": "another-password"}
    assert (await call(office, "PUT", "/persons/me/password", person, mine, said)).status_code == 204
    assert [event.session_id for event in await published(office.database, SessionRevoked)] == [other]
    assert (await office.login()).status_code == 401
    assert "code" in back(await office.login(password="another-password"))


async def test_the_password_is_changed_by_who_knows_the_old_one(office: Office) -> None:
    person = await office.registered()
    mine = await signed_on(office)
    wrong = {"old_password": "wrong-password", "new_password": "another-password"}
    for _ in range(5):
        refused = await call(office, "PUT", "/persons/me/password", person, mine, wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "password-wrong")
    locked = await call(office, "PUT", "/persons/me/password", person, mine, wrong | {"old_password": PASSWORD})
    assert locked.json()["code"] == "password-wrong"
    short = await call(office, "PUT", "/persons/me/password", person, mine, {"old_password": PASSWORD, "new_password": "short"})
    assert (short.status_code, short.json()["code"]) == (422, "invalid-request")
