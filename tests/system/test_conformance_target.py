"""The mesh as the foundation's suite finds it: clients that are what their files say, and pages that have what is pressed."""

import asyncio
import base64
import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from deploy.conformance.__main__ import configurations, written
from deploy.conformance.plans import ALIASES, VARIANTS
from deploy.local.install import ROOT
from deploy.local.journey.config import Config
from deploy.local.mesh import Mesh
from services.identity.domain.claims import SCOPE_OF_CLAIM
from tests.conformance.browser import Browser
from tests.conformance.party import Party, User, sign_on

SUITE = "https://suite.example:8443"


@pytest.fixture(scope="module")
def files(mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("target")
    return written(asyncio.run(configurations(Config.read(mesh.journey_config()), SUITE, folder)), folder)


def said_in(files: dict[str, Path], plan: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(files[plan].read_text())
    return said


def commands(part: Any) -> Iterator[list[Any]]:
    if isinstance(part, dict):
        yield from part.get("commands", [])
        for each in part.values():
            yield from commands(each)
    elif isinstance(part, list):
        for each in part:
            yield from commands(each)


def user_of(steps: list[Any]) -> User:
    """Whoever these steps sign on."""
    [on] = [task for task in steps[0]["tasks"] if task["task"] == "Sign on"]
    typed = {command[2]: command[3] for command in on["commands"] if command[0] == "text"}
    return User(typed["username"], typed["password"])


def test_every_plan_has_a_file_that_only_its_owner_reads(files: dict[str, Path]) -> None:
    assert files.keys() == ALIASES.keys() == VARIANTS.keys()
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.values()} == {0o600}


def test_every_module_with_steps_of_its_own_is_a_module_of_its_plan(files: dict[str, Path]) -> None:
    plans = json.loads((ROOT / "tests" / "conformance" / "plans.json").read_text())["plans"].values()
    known = {plan["prefix"] + name for plan in plans for name in plan["modules"]}
    assert {name for plan in files for name in said_in(files, plan).get("override", {})} <= known


def test_our_pages_have_what_the_suite_presses(files: dict[str, Path]) -> None:
    templates = "".join(file.read_text() for file in (ROOT / "services" / "identity" / "templates").glob("*.html"))
    pressed = {command[2] for plan in files for command in commands(said_in(files, plan)) if command[1] == "id"}
    assert pressed - {"submission_complete"} <= set(re.findall(r'\bid="([^"]+)"', templates))
    assert {"username", "password", "submit", "accept", "deny", "signed-out", "description"} <= pressed


def test_the_user_has_every_claim_and_whoever_refuses_is_another(mesh: Mesh, files: dict[str, Path]) -> None:
    said = said_in(files, "basic")
    back = f"{SUITE}/test/a/{said['alias']}/callback"
    party = Party(mesh.gateway_url, said["client"]["client_id"], back, "client_secret_basic", said["client"]["client_secret"])
    user = user_of(said["browser"])
    with Browser(mesh.gateway_url) as browser:
        asked = party.asks(pkce=False, scope="openid profile email address phone")
        page = sign_on(browser, browser.visit(party.address(asked.said)), user)
        claims = party.userinfo(party.redeem(page.said["code"], asked).json()["access_token"]).json()
    assert set(SCOPE_OF_CLAIM) - set(claims) == set()
    [refusing] = said_in(files, "fapi2")["override"].values()
    refuser = user_of(refusing["browser"])
    assert refuser.username != user.username
    with Browser(mesh.gateway_url) as browser:
        page = browser.visit(party.address(party.asks(pkce=False).said))
        page = browser.press(page, "submit", username=refuser.username, password=refuser.password)
        assert browser.press(page, "deny").said["error"] == "access_denied"


@pytest.mark.parametrize(("plan", "name"), [("basic", "client"), ("basic", "client2"), ("logout", "client")])
def test_the_secrets_are_those_of_clients_that_the_suite_can_come_back_to(mesh: Mesh, files: dict[str, Path], plan: str, name: str) -> None:
    said = said_in(files, plan)
    back = f"{SUITE}/test/a/{said['alias']}/callback"
    party = Party(mesh.gateway_url, said[name]["client_id"], back, "client_secret_basic", said[name]["client_secret"])
    with Browser(mesh.gateway_url) as browser:
        asked = party.asks(pkce=False)
        page = sign_on(browser, browser.visit(party.address(asked.said)), user_of(said["browser"]))
        assert page.url.startswith(back)
        answer = party.redeem(page.said["code"], asked)
        assert answer.status_code == 200
        gone = f"{SUITE}/test/a/{said['alias']}/post_logout_redirect"
        query = httpx.QueryParams({"id_token_hint": answer.json()["id_token"], "post_logout_redirect_uri": gone})
        assert browser.visit(f"{mesh.gateway_url}/logout?{query}").url == gone


def test_the_other_clients_prove_themselves_as_their_files_say(mesh: Mesh, files: dict[str, Path]) -> None:
    posting = said_in(files, "basic")["client_secret_post"]
    with httpx.Client(base_url=mesh.gateway_url, trust_env=False, timeout=30) as anybody:
        assert anybody.post("/revoke", data={**posting, "token": "x"}).status_code == 200
        basic = base64.b64encode(f"{posting['client_id']}:{posting['client_secret']}".encode()).decode()
        assert anybody.post("/revoke", data={"token": "x"}, headers={"authorization": f"Basic {basic}"}).status_code == 401
    for name in ("client", "client2"):
        own = said_in(files, "fapi2")[name]
        back = f"{SUITE}/test/a/tongban-fapi2/callback"
        party = Party(mesh.gateway_url, own["client_id"], back, "private_key_jwt", key=ECKey.import_key(own["jwks"]["keys"][0]))
        assert party.push(party.asks().said).status_code == 201
