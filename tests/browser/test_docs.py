"""The interfaces in a browser that has no way out: they render, can be searched, and lead to each operation."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.mesh import Mesh
from tests.support.eventually import eventually

_DRAWN: Final = """
() => {
  const drawn = [...document.querySelectorAll(".opblock-summary")];
  const named = drawn.map((each) => [
    each.querySelector(".opblock-summary-method").textContent.toLowerCase(),
    each.querySelector(".opblock-summary-path").dataset.path,
  ]);
  const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 1;
  scrollTo({ top: isAtEnd ? 0 : scrollY + innerHeight / 2, behavior: "instant" });
  return named;
}
"""


@pytest.fixture
async def docs(page: Page, mesh: Mesh) -> AsyncIterator[Page]:
    """The page, which may neither fail nor be refused anything by its own policy, nor ask anybody else (`page`)."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    await page.goto(f"{mesh.gateway_url}/docs")
    await expect(page.locator(".opblock").first).to_be_visible()
    yield page
    assert complaints == []


async def test_every_operation_is_there(docs: Page, mesh: Mesh) -> None:
    """Only what is in sight is drawn, so the whole is seen by going down the page."""
    document = await (await docs.request.get(f"{mesh.gateway_url}/openapi.json")).json()
    wanted = {(method, path) for path, methods in document["paths"].items() for method in methods}
    seen: set[tuple[str, str]] = set()

    async def is_all_seen() -> bool:
        seen.update([tuple(each) for each in await docs.evaluate(_DRAWN)])
        return seen == wanted

    await eventually(is_all_seen, within=60)
    assert seen <= wanted


async def test_operations_are_found_by_words_of_either_language(docs: Page) -> None:
    search = docs.locator(".operation-filter-input")
    for words, path in (("/home", "/home"), ("city code", "/city-codes"), ("亮证", "/certificates/{certificate_id}/presentations")):
        await search.fill(words)
        await expect(docs.locator(f'.opblock-summary-path[data-path="{path}"]')).to_be_visible()
        await expect(docs.locator('.opblock-summary-path[data-path="/dispatches"]')).to_have_count(0)
    await search.fill("nobody offers this")
    await expect(docs.locator(".opblock")).to_have_count(0)


async def test_an_operation_says_who_may_call_it(docs: Page) -> None:
    await docs.locator(".operation-filter-input").fill("/home")
    await docs.locator('.opblock-summary-path[data-path="/home"]').click()
    opened = docs.locator(".opblock.is-open")
    await expect(opened).to_contain_text("portal:home")
    await expect(opened).to_contain_text("Assurance")
    await expect(opened).to_contain_text("application/problem+json")


async def test_without_script_the_page_leads_to_the_plain_one(browser: Browser, mesh: Mesh) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{mesh.gateway_url}/docs")
    await expect(page.get_by_text("This page needs script")).to_be_visible()
    await page.get_by_role("link", name="plain page").click()
    await expect(page.get_by_role("cell", name="/home", exact=True)).to_be_visible()
    await context.close()
