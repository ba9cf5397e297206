"""What anybody may open: the interface of the mesh, the public ratings, a trace."""

from pathlib import Path

from playwright.async_api import Page, expect

from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.browser import accessible
from tests.support.eventually import eventually
from tests.support.whole_mesh import visiting


async def test_the_interface_can_be_read_without_script(mesh: Mesh, page: Page) -> None:
    await page.goto(f"{mesh.gateway_url}/docs/plain")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("接口文档")
    await expect(page.get_by_role("cell", name="/cases/{number}/decision", exact=True)).to_be_visible()
    assert await page.locator("script").count() == 0
    assert await accessible.faults(page) == []


async def test_public_ratings_are_a_page_in_two_languages(mesh: Mesh, page: Page) -> None:
    await page.goto(f"{mesh.gateway_url}/ratings/page")
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
    await page.get_by_role("link", name="English").click()
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("main")).to_be_visible()


async def test_a_trace_opens_in_the_viewer(mesh: Mesh, person: Person, page: Page, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        answer = await visit.citizen.get("/persons/me")
        trace = answer.headers["traceparent"].split("-")[1]

        async def kept() -> bool:
            found = await visit.journey.anybody.get(f"{mesh.zipkin_url}/api/v2/trace/{trace}")
            names = {span["localEndpoint"]["serviceName"] for span in found.json()} if found.status_code == 200 else set()
            return names >= {"gateway", "identity"}

        await eventually(kept, within=20)
    await page.goto(f"{mesh.zipkin_url}/zipkin/traces/{trace}")
    await expect(page.get_by_text("GATEWAY", exact=False).first).to_be_visible()
    await expect(page.get_by_text("IDENTITY", exact=False).first).to_be_visible()
