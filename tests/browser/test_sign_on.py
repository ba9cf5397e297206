"""The sign-on page as a person meets it: by keyboard alone, in two languages, in large type."""

from pathlib import Path

from playwright.async_api import Page, Route, expect

from deploy.local.journey.citizen import PASSWORD
from deploy.local.journey.config import Person
from deploy.local.journey.parties import REDIRECT
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import visiting


async def test_a_person_signs_on_by_keyboard_alone(mesh: Mesh, person: Person, page: Page, tmp_path: Path) -> None:
    sent_back: list[str] = []

    async def caught(route: Route) -> None:
        sent_back.append(route.request.url)
        await route.fulfill(status=200, body="back at the app")

    async with visiting(mesh, person, tmp_path) as visit:
        sign_on = visit.parties.app.begin()
        await page.goto(sign_on.url)
        await expect(page.get_by_role("heading", name="统一身份认证")).to_be_visible()
        assert await page.locator("html").get_attribute("lang") == "zh-CN"

        await page.keyboard.press("Tab")
        await expect(page.get_by_label("手机号或居民身份证号")).to_be_focused()
        await page.keyboard.type(person.phone)
        await page.keyboard.press("Tab")
        await page.keyboard.type("not the password")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("账号或密码错误")

        await page.get_by_label("手机号或居民身份证号").focus()
        await page.keyboard.type(person.phone)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.context.route(f"{REDIRECT}*", caught)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("back at the app")).to_be_visible()
        signed_in = await visit.parties.app.finish(sign_on, sent_back[0])
        me = await signed_in.get("/persons/me")
        assert me.json()["name"] == person.name


async def test_large_type_and_english_are_one_press_away(mesh: Mesh, another: Person, page: Page, tmp_path: Path) -> None:
    async with visiting(mesh, another, tmp_path) as visit:
        await page.goto(visit.parties.app.begin().url)
        size = "parseFloat(getComputedStyle(document.querySelector('#submit')).fontSize)"
        normal = await page.evaluate(size)
        await page.get_by_role("button", name="大字版").click()
        assert await page.evaluate(size) >= 1.5 * normal
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("heading", name="Sign on to tongban")).to_be_visible()
        assert await page.locator("html").get_attribute("lang") == "en"
        assert await page.evaluate(size) >= 1.5 * normal
        await page.get_by_role("button", name="Normal type").click()
        assert await page.evaluate(size) == normal
