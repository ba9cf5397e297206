"""A national or provincial platform signs its people on: the same person, at the level it states."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http.authorities import authorities
from contracts.events.identity import PersonVerified
from deploy.local.sandbox import province
from deploy.local.sandbox.server import Manners
from services.identity import app
from tests.component.identity.conftest import ISSUER, settings_in
from tests.component.identity.office import PASSWORD, PEOPLE, Office, back, claims_of, fields, sandboxes
from tests.support.listening import listening
from tests.support.service import published

WAYS = ["province", "national"]
PLATFORMS = json.loads((Path(province.__file__).parents[1] / "platforms.json").read_text())["platforms"]


@dataclass
class Federated:
    """Identity with a province beside it. `browser` is the person's, as the province sees it."""

    office: Office
    browser: httpx.AsyncClient

    async def begin(self, way: str, **request: str) -> httpx.Response:
        """The province's page, reached by the link on ours."""
        office = self.office
        page = await office.page(office.request(**request))
        assert f'id="upstream-{way}"' in page.text
        handle = fields(page)["request"]
        sent = await office.browse("GET", f"/federation/{way}?request={handle}")
        assert sent.status_code == 303, sent.text
        return await self.browser.get(sent.headers["location"])

    async def sign_on_there(self, page: httpx.Response, phone: str) -> str:
        """Where the province sends the browser back to, without its origin."""
        action = "/authorize" if 'action="/authorize"' in page.text else "/sso/login"
        answer = await self.browser.post(province.platform.url + action, data={**fields(page), "phone": phone})
        assert answer.status_code == 303, answer.text
        target = urlsplit(answer.headers["location"])
        assert f"{target.scheme}://{target.netloc}" == ISSUER
        return f"{target.path}?{target.query}"

    async def signed_on(self, way: str, number: int = 0, **request: str) -> dict[str, Any]:
        returned = await self.sign_on_there(await self.begin(way, **request), PEOPLE[number]["phone"])
        said = back(await self.office.follow(await self.office.browse("GET", returned)))
        tokens = await self.office.redeem(said["code"])
        assert tokens.status_code == 200, tokens.text
        return claims_of(tokens.json()["access_token"])


@pytest.fixture
async def federated(database_of: Callable[[str], Database], tmp_path: Path, clock: FixedClock) -> AsyncIterator[Federated]:
    database = database_of("services.identity")
    province.app.state.manners = Manners()
    async with sandboxes() as providers, listening(province.app) as url:
        known = [{**each, "url": url, "client_id": f"city-{each['id']}", "secret": f"secret of {each['id']}"} for each in PLATFORMS]
        (tmp_path / "federation.json").write_text(json.dumps(known))
        province.platform.url, province.platform.now = url, lambda: clock.now().timestamp()
        province.platform.levels.clear()
        province.platform.waiting.clear()
        province.platform.clients = {
            each["client_id"]: {"secret": each["secret"], "return_urls": [f"{ISSUER}/federation/{each['id']}/callback"]} for each in known
        }
        settings = settings_in(tmp_path, database, federation_file=tmp_path / "federation.json", provider_timeout_ms=4000, **providers)
        identity = app.create(settings, database, clock)
        async with httpx.AsyncClient(trust_env=False, verify=authorities()) as browser:
            yield Federated(await Office.opened(identity, database, clock, ISSUER), browser)
        await identity.state.upstreams.close()
        await identity.state.providers.close()


@pytest.mark.parametrize("way", WAYS)
async def test_a_platform_s_person_is_the_same_person_here_at_its_level(federated: Federated, way: str) -> None:
    person = await federated.office.registered()
    claims = await federated.signed_on(way)
    assert (claims["sub"], claims["assurance"], claims["amr"]) == (person, 3, ["fed"])
    verified = [each.assurance for each in await published(federated.office.database, PersonVerified)]
    assert verified == [2, 3], "the city is as sure of them as the platform is"
    again = await federated.signed_on(way)
    assert again["sub"] == person
    assert len(await published(federated.office.database, PersonVerified)) == 2, "told once"


@pytest.mark.parametrize(("level", "assurance"), [("2", 1), ("3", 2), ("5", 4)])
async def test_whom_nobody_here_knew_gets_an_account_at_the_stated_level(federated: Federated, level: str, assurance: int) -> None:
    province.platform.levels[PEOPLE[1]["phone"]] = level
    claims = await federated.signed_on("province", 1)
    assert claims["assurance"] == assurance
    again = await federated.signed_on("national", 1)
    assert again["sub"] == claims["sub"]


async def test_a_later_lower_level_lowers_the_sign_on_and_not_the_account(federated: Federated) -> None:
    first = await federated.signed_on("province")
    province.platform.levels[PEOPLE[0]["phone"]] = "3"
    second = await federated.signed_on("province")
    assert (first["assurance"], second["assurance"]) == (3, 2)
    assert [each.assurance for each in await published(federated.office.database, PersonVerified)] == [3, 3]


async def test_a_request_for_a_higher_level_is_not_met_by_a_lower_statement(federated: Federated) -> None:
    returned = await federated.sign_on_there(await federated.begin("province", acr_values="urn:tongban:assurance:4"), PEOPLE[0]["phone"])
    page = await federated.office.follow(await federated.office.browse("GET", returned))
    assert page.status_code == 200
    assert "location" not in page.headers


async def test_another_name_for_a_known_document_is_refused(federated: Federated) -> None:
    await federated.office.registered()
    real = province.PEOPLE[PEOPLE[0]["resident_id"]]
    province.PEOPLE[PEOPLE[0]["resident_id"]] = {**real, "name": "示例·别人"}
    try:
        returned = await federated.sign_on_there(await federated.begin("province"), PEOPLE[0]["phone"])
        refused = await federated.office.browse("GET", returned)
    finally:
        province.PEOPLE[PEOPLE[0]["resident_id"]] = real
    assert refused.status_code == 403
    assert "未能确认您的身份" in refused.text


@pytest.mark.parametrize("way", WAYS)
async def test_a_way_back_is_used_once_and_by_its_own_browser(federated: Federated, way: str) -> None:
    returned = await federated.sign_on_there(await federated.begin(way), PEOPLE[0]["phone"])
    jar = dict(federated.office.jar)
    federated.office.jar.clear()
    assert (await federated.office.browse("GET", returned)).status_code == 400, "another browser"
    federated.office.jar |= jar
    other = "national" if way == "province" else "province"
    assert (await federated.office.browse("GET", returned.replace(way, other))).status_code == 400, "another platform's address"
    assert (await federated.office.browse("GET", returned)).status_code == 303
    assert (await federated.office.browse("GET", returned)).status_code == 400, "again"


@pytest.mark.parametrize("way", WAYS)
async def test_a_forged_code_or_ticket_signs_nobody_on(federated: Federated, way: str) -> None:
    returned = await federated.sign_on_there(await federated.begin(way), PEOPLE[0]["phone"])
    said = {name: values[0] for name, values in parse_qs(urlsplit(returned).query).items()}
    forged = {**said, "code" if way == "province" else "ticket": "forged"}
    answer = await federated.office.browse("GET", f"/federation/{way}/callback?{httpx.QueryParams(forged)}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_an_answer_of_another_issuer_is_refused(federated: Federated) -> None:
    """Source: RFC 9207, mix-up."""
    returned = await federated.sign_on_there(await federated.begin("province"), PEOPLE[0]["phone"])
    answer = await federated.office.browse("GET", returned.replace("iss=http", "iss=https"))
    assert answer.status_code == 403


@pytest.mark.parametrize("manners", [{"is_down": True}, {"delay_s": 60}], ids=["down", "slow"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_platform_that_is_away_is_said_to_be_and_others_ways_go_on(federated: Federated, way: str, manners: dict[str, Any]) -> None:
    office = federated.office
    await office.registered()
    returned = await federated.sign_on_there(await federated.begin(way), PEOPLE[0]["phone"])
    province.app.state.manners = Manners(**manners)
    away = await office.browse("GET", returned)
    assert away.status_code == 503
    assert "暂不可用" in away.text
    assert "code" in back(await office.login(password=PASSWORD))


async def test_a_journey_is_over_after_ten_minutes(federated: Federated) -> None:
    returned = await federated.sign_on_there(await federated.begin("province"), PEOPLE[0]["phone"])
    federated.office.clock.advance(timedelta(minutes=10))
    assert (await federated.office.browse("GET", returned)).status_code == 400


@pytest.mark.parametrize(
    "path", ["/federation/nowhere", "/federation/province", "/federation/province/callback", "/federation/x/callback?state=y"]
)
async def test_who_comes_from_nowhere_is_sent_nowhere(federated: Federated, path: str) -> None:
    federated.office.jar.clear()
    assert (await federated.office.browse("GET", path)).status_code == 400
