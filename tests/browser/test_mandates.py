"""The page of a person's mandates: what a relative may do is seen, and ended by one press."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from deploy.client import SignOnFailed
from deploy.local.journey.citizen import PASSWORD
from deploy.local.journey.config import Person
from deploy.local.journey.parties import REDIRECT
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import visiting


async def test_a_person_sees_who_acts_for_them_and_ends_it(mesh: Mesh, person: Person, another: Person, page: Page, tmp_path: Path) -> None:
    async def caught(route: Route) -> None:
        await route.fulfill(status=200, body="back at the app")

    async with visiting(mesh, person, tmp_path) as grantor, visiting(mesh, another, tmp_path) as agent:
        ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        said = {"kind": "relative", "agent": {"name": another.name, "phone": another.phone}, "ends_at": ends_at}
        given = await grantor.citizen.post("/mandates", json=said, idempotency_key="relative")
        mandate = given.json()["mandate_id"]
        assert (await agent.citizen.post(f"/mandates/{mandate}/acceptance")).status_code == 200
        await agent.citizen.acting(mandate)

        await page.goto(grantor.parties.app.begin().url)
        await page.get_by_label("手机号或居民身份证号").fill(person.phone)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.context.route(f"{REDIRECT}*", caught)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("back at the app")).to_be_visible()

        await page.goto(f"{mesh.gateway_url}/account/mandates")
        await expect(page.get_by_role("heading", name="我的授权")).to_be_visible()
        given_by_me = page.get_by_role("region", name="我授权他人")
        await expect(given_by_me).to_contain_text("亲属")
        await expect(given_by_me).to_contain_text("有效")
        assert another.name not in await page.content()
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", name="My mandates")).to_be_visible()
        await page.get_by_role("button", name="Revoke").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("region", name="Who acts for me")).to_contain_text("Revoked")
        await expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
        with pytest.raises(SignOnFailed):
            await agent.citizen.acting(mandate)
