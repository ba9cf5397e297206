from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from deploy.local.journey.parties import REDIRECT
from deploy.local.mesh import Mesh

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A page is laid out by the same two processors that run the mesh and the other tests.
expect.set_options(timeout=30_000)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_FLAGS))
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser, mesh: Mesh) -> AsyncIterator[Page]:
    """A page whose scripts may not fail and which asks nobody but this mesh."""
    page = await browser.new_page(locale="zh-CN")
    faults: list[str] = []
    own = (mesh.gateway_url, mesh.zipkin_url, REDIRECT, "data:", "about:")
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(own) else faults.append(request.url))
    yield page
    assert faults == []
