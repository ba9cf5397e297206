"""An officer at work over the running mesh: enrolled, activated, signed on by two factors, named in the record, suspended."""

import html
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from contracts.values import PartyId
from deploy.client import AppClient, SignedIn, SignOnFailed, TongbanClient
from deploy.local import keys
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.local.onboarding import onboard
from tests.conformance.browser import Browser, Page
from tests.support.authenticator import Authenticator
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

AGENCY: Final = "11310106TE5T01043T"
REDIRECT: Final = "http://localhost/at-work"
PASSWORD: Final = "a-good-password-at-work"
_KNOWN_WITHIN_S: Final = 20.0
_REFUSED_WITHIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Department:
    """One registered system: `signed` speaks for its officer who keeps the staff, `app` for whoever signs on at it."""

    id: str
    signed: TongbanClient
    app: AppClient


@asynccontextmanager
async def department(visit: Visit, folder: Path) -> AsyncIterator[Department]:
    """A new department's system; the first of its officers with the duty is enrolled by the operator."""
    operator, officers = visit.parties.operator, visit.journey.config.operator.officers
    key, manager = keys.private_key(folder / "department.pem"), f"zz-{secrets.token_hex(4)}"
    wanted = {"name": "示例·部门系统 department system", "kind": "department", "agency": AGENCY, "officers": [manager]}
    said = {**wanted, "redirect_uris": [REDIRECT]}
    party = (await onboard(operator, officers, said, jwks=[keys.public_jwk(key)], once=f"staff-{PartyId.new()}"))["id"]
    member = {"agency": AGENCY, "number": manager, "name": "示例科长", "department": "综合处", "duties": ["staff-management"]}
    assert (await operator.post("/staff", json=member, officer=officers[0])).status_code == 201
    url, pem = visit.journey.config.gateway_url, key.read_bytes()
    async with TongbanClient(url, party, pem, officer=manager) as signed, AppClient(url, party, pem, REDIRECT) as app:

        async def is_known() -> bool:
            """To the provider of sign-on, and to the gateway as one that may call production."""
            try:
                return bool(await app.own_token()) and (await signed.get("/staff")).status_code == 200
            except SignOnFailed:
                return False

        await eventually(is_known, within=_KNOWN_WITHIN_S)
        yield Department(party, signed, app)


def asked_of_device(page: Page) -> str:
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, page.text
    return html.unescape(found.group(1))


def activated(at: Department, issuer: str, number: str, code: str) -> Authenticator:
    """The passkey that the officer made. The posted answer is the one that the page's script would send."""
    device = Authenticator(issuer)
    with Browser(issuer) as browser:
        page = browser.press(browser.visit(at.app.begin("openid staff").url), "first")
        page = browser.press(page, "submit", agency=AGENCY, username=number, activation=code, password=PASSWORD)
        page = browser.press(page, "submit", credential=device.makes(asked_of_device(page)))
    assert "code" in page.said, page.text
    return device


async def signed_on(at: Department, issuer: str, number: str, device: Authenticator) -> SignedIn:
    """On another device, with the password and the passkey."""
    asked = at.app.begin("openid profile staff")
    with Browser(issuer) as browser:
        page = browser.press(browser.visit(asked.url), "submit", agency=AGENCY, username=number, password=PASSWORD)
        page = browser.press(page, "submit", credential=device.uses(asked_of_device(page)))
    return await at.app.finish(asked, page.url)


async def decision_on(visit: Visit, request_id: str) -> dict[str, Any]:
    operator, officer = visit.parties.operator, visit.journey.config.operator.officers[2]

    async def find() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await operator.get("/decisions", params={"request": request_id}, officer=officer)).json()["items"]
        return found

    [only] = await eventually(find)
    return only


async def test_an_officer_from_the_enrolment_to_the_suspension(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    number = f"zz-{secrets.token_hex(4)}"
    async with visiting(mesh, person, tmp_path) as visit, department(visit, tmp_path) as at:
        wanted = {"number": number, "name": "示例·窗口员", "department": "出入境科", "window": "3", "duties": ["staff-management"]}
        enrolled = await at.signed.post("/staff", json=wanted)
        assert enrolled.status_code == 201, enrolled.text
        staff_id = enrolled.json()["staff_id"]

        device = activated(at, mesh.gateway_url, number, enrolled.json()["activation_code"])
        officer = await signed_on(at, mesh.gateway_url, number, device)

        answer = await officer.get("/staff")
        assert answer.status_code == 200, answer.text
        assert number in {each["number"] for each in answer.json()["items"]}
        record = await decision_on(visit, answer.headers["request-id"])
        assert (record["officer"], record["party"], record["person"]) == (number, at.id, None)
        told = (await officer.get("/userinfo")).json()
        assert (told["sub"], told["officer"], told["name"], told["duties"]) == (staff_id, number, "示例·窗口员", ["staff-management"])
        refused = await officer.get("/persons/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "person-required")
        assert (await at.app.refresh(officer)).access_token

        assert (await at.signed.post(f"/staff/{staff_id}/suspension")).status_code == 200
        started = time.monotonic()

        async def is_refused() -> bool:
            return (await officer.get("/staff")).status_code == 401

        await eventually(is_refused, within=_REFUSED_WITHIN_S)
        print(f"a suspended officer's token was refused after {time.monotonic() - started:.2f} s")
        with pytest.raises(SignOnFailed):
            await at.app.refresh(officer)


async def test_a_citizen_s_app_gets_no_officer(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    """F93."""
    async with visiting(mesh, person, tmp_path) as visit:
        with Browser(mesh.gateway_url) as browser:
            page = browser.visit(visit.parties.app.begin("openid staff").url)
    assert (page.said["error"], "code" in page.said) == ("invalid_scope", False)
