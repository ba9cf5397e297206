"""The sign-on pages as a person meets them: by keyboard alone, in two languages, in large type, with a passkey."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Page, Route, expect

from contracts.values import CertificateId
from deploy.client import SignedIn
from deploy.client.oauth import SignOn
from deploy.local.journey.citizen import PASSWORD
from deploy.local.journey.config import Person
from deploy.local.journey.parties import REDIRECT
from deploy.local.mesh import Mesh
from tests.browser.accessible import faults
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

NAME = "手机号或居民身份证号"


@dataclass
class Seat:
    """A citizen before a browser, and the app that sends them to the sign-on."""

    page: Page
    visit: Visit
    citizen: Person
    sent_back: list[str] = field(default_factory=list)

    async def begin(self, **more: str) -> SignOn:
        sign_on = self.visit.parties.app.begin()
        url = sign_on.url.replace("&prompt=login", "")
        await self.page.goto(f"{url}&{urlencode(more)}" if more else url)
        return sign_on

    async def finish(self, sign_on: SignOn) -> SignedIn:
        await expect(self.page.get_by_text("back at the app")).to_be_visible()
        return await self.visit.parties.app.finish(sign_on, self.sent_back[-1])

    async def fill(self, *, password: str = PASSWORD) -> None:
        await self.page.get_by_label(NAME).fill(self.citizen.phone)
        await self.page.get_by_label("密码").fill(password)

    async def signed_on(self) -> SignedIn:
        sign_on = await self.begin()
        await self.fill()
        await self.page.get_by_role("button", name="登录", exact=True).click()
        return await self.finish(sign_on)


@asynccontextmanager
async def _seated(mesh: Mesh, person: Person, page: Page, folder: Path) -> AsyncIterator[Seat]:
    async with visiting(mesh, person, folder) as visit:
        seat = Seat(page, visit, person)

        async def caught(route: Route) -> None:
            seat.sent_back.append(route.request.url)
            await route.fulfill(status=200, body="back at the app")

        await page.context.route(f"{REDIRECT}*", caught)
        yield seat


@pytest.fixture
async def seat(mesh: Mesh, person: Person, page: Page, tmp_path: Path) -> AsyncIterator[Seat]:
    async with _seated(mesh, person, page, tmp_path) as seat:
        yield seat


async def test_a_person_signs_on_by_keyboard_alone(seat: Seat) -> None:
    page = seat.page
    sign_on = await seat.begin()
    await expect(page.get_by_role("heading", name="统一身份认证")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "zh-CN"

    await page.keyboard.press("Tab")
    await expect(page.get_by_label(NAME)).to_be_focused()
    await page.keyboard.type(seat.citizen.phone)
    await page.keyboard.press("Tab")
    await page.keyboard.type("not the password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("账号或密码错误")
    await expect(page.get_by_role("alert")).to_be_focused()

    await page.keyboard.press("Tab")
    await expect(page.get_by_label(NAME)).to_be_focused()
    await expect(page.get_by_label(NAME)).to_have_value(seat.citizen.phone)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("免登录时长")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    me = await (await seat.finish(sign_on)).get("/persons/me")
    assert me.json()["name"] == seat.citizen.name
    [kept] = [each for each in await page.context.cookies() if each["name"] == "tongban-sso"]
    assert kept["expires"] > 0, "the login-free period outlives the browser"


async def test_large_type_and_english_are_one_press_away_and_stay(seat: Seat) -> None:
    page = seat.page
    await seat.begin()
    size = "parseFloat(getComputedStyle(document.querySelector('#submit')).fontSize)"
    normal = await page.evaluate(size)
    await page.get_by_role("button", name="大字版").click()
    assert await page.evaluate(size) >= 1.5 * normal
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Sign on to tongban")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "en"
    await seat.begin()
    assert await page.evaluate(size) >= 1.5 * normal, "the next request finds them as they were left"
    await page.get_by_label("Mobile number").fill(seat.citizen.phone)
    await page.get_by_label("Password").fill("not the password")
    await page.get_by_role("button", name="Sign on", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Wrong account or password")
    await page.get_by_role("button", name="Normal type").click()
    assert await page.evaluate(size) == normal


async def test_a_person_signs_on_in_english_without_script(mesh: Mesh, another: Person, browser: Browser, tmp_path: Path) -> None:
    context = await browser.new_context(locale="en-GB", java_script_enabled=False)
    async with _seated(mesh, another, await context.new_page(), tmp_path) as seat:
        sign_on = await seat.begin()
        await seat.page.locator("#username").fill(another.phone)
        await seat.page.locator("#password").fill(PASSWORD)
        await seat.page.locator("#submit").click()
        assert (await (await seat.finish(sign_on)).get("/persons/me")).status_code == 200
    await context.close()


async def test_a_code_signs_on_and_a_surer_proof_is_asked_for_what_needs_one(mesh: Mesh, seat: Seat) -> None:
    """The whole loop of RFC 9470: a code is worth a real name, the app needs a real person, the password proves one."""
    page = seat.page
    sign_on = await seat.begin()
    await page.get_by_label(NAME).fill(seat.citizen.phone)
    await page.get_by_role("button", name="发送短信验证码").click()
    await expect(page.get_by_text("5 分钟内有效")).to_be_visible()
    assert await faults(page) == []
    messages = await seat.visit.journey.anybody.get(f"{seat.visit.journey.config.sms_url}/messages", params={"phone": seat.citizen.phone})
    code = re.findall(r"\b[0-9]{6}\b", messages.json()[-1]["text"])[-1]
    await page.get_by_label("6 位验证码").fill(code)
    await page.keyboard.press("Enter")
    low = await seat.finish(sign_on)
    wanted = f"/certificates/{CertificateId.new()}/presentations"
    challenged = await low.post(wanted, json={})
    challenge = dict(re.findall(r'(\w+)="([^"]*)"', challenged.headers["www-authenticate"]))
    assert (challenged.status_code, challenge["error"]) == (401, "insufficient_user_authentication")

    sign_on = await seat.begin(acr_values=challenge["acr_values"], max_age="300")
    await expect(page.get_by_text("实人认证")).to_be_visible()
    await expect(page.get_by_role("button", name="发送短信验证码")).to_have_count(0)
    assert await faults(page) == []
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    high = await seat.finish(sign_on)
    assert (await high.post(wanted, json={})).status_code not in {401, 403}, "the certificate is none, but nothing else is missing"


async def test_a_passkey_is_made_and_signs_on(mesh: Mesh, seat: Seat) -> None:
    page = seat.page
    chromium = await page.context.new_cdp_session(page)
    await chromium.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = (await chromium.send("WebAuthn.addVirtualAuthenticator", {"options": device}))["authenticatorId"]
    await seat.signed_on()
    await page.goto(f"{mesh.gateway_url}/account/passkeys")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="添加").click()
    await expect(page.get_by_role("status")).to_contain_text("通行密钥已添加")
    assert await faults(page) == []

    await page.context.clear_cookies()
    sign_on = await seat.begin()
    await page.get_by_role("button", name="使用通行密钥").click()
    assert await faults(page) == []
    await chromium.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    await page.get_by_role("button", name="使用通行密钥").click()
    await expect(page.locator("#failed")).to_be_focused()
    await chromium.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    await page.get_by_role("button", name="使用通行密钥").click()
    assert (await (await seat.finish(sign_on)).get("/persons/me")).status_code == 200


async def test_devices_are_listed_and_ended(mesh: Mesh, seat: Seat, browser: Browser) -> None:
    page = seat.page
    elsewhere = await seat.signed_on()
    await page.context.clear_cookies()
    here = await seat.signed_on()
    await page.goto(f"{mesh.gateway_url}/account/devices")
    await expect(page.get_by_role("heading", name="登录设备")).to_be_visible()
    await expect(page.get_by_text("（本设备）")).to_have_count(1)
    assert await faults(page) == []
    await page.get_by_role("button", name="结束其他所有设备").click()
    await expect(page.get_by_role("status")).to_contain_text("已结束")
    await expect(page.get_by_role("listitem")).to_have_count(1)
    assert (await here.get("/persons/me")).status_code == 200
    await _refused_within_moments(elsewhere)


async def _refused_within_moments(signed_in: SignedIn) -> None:
    async def is_refused() -> bool:
        return (await signed_in.get("/persons/me")).status_code == 401

    await eventually(is_refused, within=5)


@pytest.mark.parametrize("press", [(), ("大字版",), ("大字版", "English")])
async def test_the_pages_keep_nobody_out(seat: Seat, press: tuple[str, ...]) -> None:
    page = seat.page
    await page.set_viewport_size({"width": 360, "height": 640})
    await seat.begin()
    for name in press:
        await page.get_by_role("button", name=name).click()
    assert await faults(page) == []
    await page.locator("#submit").evaluate("each => each.form.noValidate = true")
    await page.locator("#submit").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    assert await faults(page) == []
    await page.locator("#forgot").click()
    assert await faults(page) == []
    await page.locator("#back").click()
    await page.locator("#deny").click()
    await expect(page.get_by_text("back at the app")).to_be_visible()
    assert "error=access_denied" in seat.sent_back[-1]


async def test_a_fault_of_a_page_would_be_found(page: Page) -> None:
    await page.set_content(
        "<h1>a</h1><h1>b</h1><main></main><input id=x style='height:10px'><button id=x></button>"
        "<p style='color:#999'>pale</p><fieldset></fieldset>"
    )
    found = " ".join(await faults(page))
    for fault in ("no lang", "no title", "not one h1", "id x twice", "textbox without a name", "button without a name", "contrast"):
        assert fault in found
    assert "fieldset without legend" in found
