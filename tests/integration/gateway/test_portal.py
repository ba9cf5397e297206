"""One home page and one search, put together of what the services answer, part by part."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey

from chassis.database import Database
from chassis.http.mesh_token import CallerFacts, MeshVerifier
from contracts.headers import MESH_TOKEN
from contracts.problems import body, common
from contracts.values import MandateId, PersonId
from gateway.registry.api_document import documents, operations
from gateway.registry.bootstrap import policy_files
from gateway.registry.commands.policies import release
from gateway.registry.tables import decisions
from tests.integration.gateway.door import Behind, Door
from tests.integration.gateway.portal import ANSWERS, COMPANY, INVITATIONS, PERSON, TASK, answer, disclosed, portal
from tests.support.service import private_key

Databases = Callable[[str], Database]
PARTS = ("profile", "cases", "certificates", "ratings")


def acting(door: Door) -> dict[str, str]:
    """Somebody who acts for a company under a mandate."""
    said = {"subject_type": "organisation", "act": {"sub": PERSON}, "mandate": {"id": MandateId.new()}, "assurance": 3}
    return door.bearer(PersonId(COMPANY), **said)


def states(said: httpx.Response) -> dict[str, str]:
    assert said.status_code == 200, said.text
    return {part: said.json()[part]["state"] for part in PARTS}


def callers(behind: Behind) -> dict[str, CallerFacts]:
    """Path → for whom it was asked, as its service would verify it."""
    key = ECKey.import_key(private_key("gateway")).as_dict(private=False)
    found = {}
    for _, path, headers, _ in behind.asked:
        found[path] = MeshVerifier(door_of(path), {"gateway": key}).facts(headers[MESH_TOKEN])
    return found


def door_of(path: str) -> str:
    """The service that has registered the path."""
    [service] = {
        name for name, document in documents().items() for _, each, _ in operations(document) if each in {path, _by_organisation(path)}
    }
    return service


def _by_organisation(path: str) -> str:
    return path.replace(COMPANY, "{organisation_id}")


async def test_the_home_of_a_person_has_all_parts(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        said = await door.call("GET", "/home", door.bearer(PERSON))
        home = said.json()
        assert states(said) == dict.fromkeys(PARTS, "ok")
        assert home["subject"] == "person"
        assert home["profile"]["data"]["name"] == "示例"
        assert home["cases"]["data"] == [{**ANSWERS["/cases"]["items"][0], "due_on": None}]
        assert home["certificates"]["data"][0]["name"] == "养犬登记证"
        assert home["ratings"]["data"] == INVITATIONS
        assert all(home[part]["as_of"] for part in PARTS)
        asked = sorted(path for _, path, _, _ in behind.asked)
        assert asked == ["/cases", "/certificates", "/persons/me", "/ratings/invitations"]


async def test_each_part_is_asked_for_the_same_person_with_one_permission(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        await door.call("GET", "/home", door.bearer(PERSON))
        found = callers(behind)
        assert {path: facts.permissions for path, facts in found.items()} == {
            "/persons/me": {"person:read"},
            "/cases": {"case:read"},
            "/certificates": {"certificate:read"},
            "/ratings/invitations": {"rating:submit"},
        }
        assert {(facts.party, facts.person, facts.actor, facts.assurance) for facts in found.values()} == {
            (door.parties["app"], PERSON, None, 2)
        }


async def test_who_looked_is_recorded_once_for_the_whole(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, _):
        row = await door.decision(await door.call("GET", "/home", door.bearer(PERSON)))
        assert row.access == {
            "subjects": [PERSON],
            "organisations": [],
            "grade": 3,
            "purpose": "首页 home page",
            "items": ["name", "办件 cases"],
        }
        async with door.database.reading() as session:
            written = await session.execute(sa.select(sa.func.count()).where(decisions.c.body.contains('"access":{', autoescape=True)))
        assert written.scalar_one() == 1


async def test_the_home_of_an_enterprise(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        said = await door.call("GET", "/home", acting(door))
        assert states(said) == dict.fromkeys(PARTS, "ok")
        home = said.json()
        assert (home["subject"], home["profile"]["data"]["name"]) == ("organisation", "示例公司")
        assert home["ratings"]["data"] == INVITATIONS
        assert home["certificates"]["data"][0]["name"] == "养犬登记证"
        assert {facts.organisation for facts in callers(behind).values()} == {COMPANY}


@pytest.mark.parametrize(
    ("service", "part"), [("identity", "profile"), ("application", "cases"), ("certificate", "certificates"), ("rating", "ratings")]
)
async def test_a_part_whose_service_is_away_says_so_and_the_others_are_there(
    database_of: Databases, tmp_path: Path, service: str, part: str
) -> None:
    away = Behind(answer=lambda _: (503, {}, b""))
    async with portal(database_of, tmp_path, services={service: away if service == "identity" else None}) as (door, _):
        said = await door.call("GET", "/home", door.bearer(PERSON))
        assert states(said) == {**dict.fromkeys(PARTS, "ok"), part: "unavailable"}
        assert said.json()[part] | {"code": "upstream-away", "data": None} == said.json()[part]
        assert said.json()[part]["titles"] == {"zh": "后端服务无响应", "en": "The service behind did not answer"}


async def test_a_part_that_is_late_does_not_keep_the_others(database_of: Databases, tmp_path: Path) -> None:
    slow = Behind(answer=answer, hold=asyncio.Event())
    async with portal(database_of, tmp_path, services={"rating": slow}, part_deadline_ms=2000) as (door, _):
        async with asyncio.timeout(10):
            said = await door.call("GET", "/home", door.bearer(PERSON))
        assert states(said) == {**dict.fromkeys(PARTS, "ok"), "ratings": "late"}
        assert said.json()["ratings"]["code"] == "part-late"
        assert slow.hold is not None
        slow.hold.set()


async def test_one_part_is_enough_and_none_is_not(database_of: Databases, tmp_path: Path) -> None:
    gone: dict[str, Behind | None] = dict.fromkeys(("application", "certificate", "rating"))
    failing = Behind(answer=answer)
    async with portal(database_of, tmp_path, services={**gone, "identity": failing}) as (door, _):
        said = await door.call("GET", "/home", door.bearer(PERSON))
        assert states(said) == {**dict.fromkeys(PARTS, "unavailable"), "profile": "ok"}
        failing.answer = lambda _: (500, {}, b"{}")
        nothing = await door.call("GET", "/home", door.bearer(PERSON))
        assert (nothing.status_code, nothing.json()["code"]) == (503, "unavailable")
        assert (await door.call("GET", "/home", acting(door))).status_code == 503


@pytest.mark.parametrize("body", [b"", b"[]", b'{"items": 1}', b"\xff"])
async def test_what_is_no_answer_is_a_service_that_is_away(database_of: Databases, tmp_path: Path, body: bytes) -> None:
    async with portal(database_of, tmp_path, services={"application": Behind(answer=lambda _: (200, {}, body))}) as (door, _):
        assert states(await door.call("GET", "/home", door.bearer(PERSON)))["cases"] == "unavailable"


async def test_an_access_that_cannot_be_recorded_is_not_shown(database_of: Databases, tmp_path: Path) -> None:
    secret = Behind(answer=lambda path: (200, disclosed(()) | {"tongban-data-access": "?"}, answer(path)[2]))
    async with portal(database_of, tmp_path, services={"application": secret}) as (door, _):
        assert states(await door.call("GET", "/home", door.bearer(PERSON)))["cases"] == "unavailable"


async def test_a_part_that_asks_for_more_assurance_is_withheld_and_not_asked(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        said = await door.call("GET", "/home", door.bearer(PERSON, assurance=1))
        assert states(said) == {**dict.fromkeys(PARTS, "withheld"), "profile": "ok"}
        assert said.json()["cases"]["code"] == "assurance-too-low"
        assert [path for _, path, _, _ in behind.asked] == ["/persons/me"]


async def test_a_mandate_opens_no_part_that_it_does_not_reach(database_of: Databases, tmp_path: Path) -> None:
    """Profile and ratings are for the person alone by their routes; whose certificates by mandate are shown, their service says."""
    refusal = json.dumps(body(common.NOT_BY_MANDATE)).encode()
    alone = Behind(answer=lambda _: (403, {}, refusal))
    async with portal(database_of, tmp_path, services={"certificate": alone}) as (door, behind):
        home = await door.call("GET", "/home", door.bearer(PERSON, act={"sub": PersonId.new()}, mandate={"id": MandateId.new()}))
        assert states(home) == {"profile": "withheld", "cases": "ok", "certificates": "withheld", "ratings": "withheld"}
        assert {home.json()[part]["code"] for part in ("profile", "certificates", "ratings")} == {"not-by-mandate"}
        assert [path for _, path, _, _ in behind.asked] == ["/cases"]


async def test_composing_widens_nothing(database_of: Databases, tmp_path: Path) -> None:
    async def without_certificates(session: Any) -> None:
        files = policy_files()
        files["app-backends.cedar"] = files["app-backends.cedar"].replace('Action::"certificate:read",', "")
        await release(session, files, at=datetime.now(UTC))

    async with portal(database_of, tmp_path, change=without_certificates) as (door, behind):
        said = await door.call("GET", "/home", door.bearer(PERSON))
        assert states(said) == {**dict.fromkeys(PARTS, "ok"), "certificates": "withheld"}
        assert said.json()["certificates"]["code"] == "permission-not-granted"
        assert "/certificates" not in {path for _, path, _, _ in behind.asked}


async def test_what_a_service_refuses_is_withheld_as_it_refused(database_of: Databases, tmp_path: Path) -> None:
    said = {"type": "/p", "title": "无", "titles": {"zh": "无", "en": "none"}, "status": 404, "code": "no-such-person"}
    refusing = Behind(answer=lambda _: (404, {}, json.dumps(said).encode()))
    async with portal(database_of, tmp_path, services={"identity": refusing}) as (door, _):
        profile = (await door.call("GET", "/home", door.bearer(PERSON))).json()["profile"]
        assert (profile["state"], profile["code"], profile["titles"]["zh"]) == ("withheld", "no-such-person", "无")


async def test_a_home_is_for_somebody_who_is_signed_in(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        assert (await door.call("GET", "/home", door.bearer())).json()["code"] == "person-required"
        assert (await door.call("GET", "/home")).json()["code"] == "unregistered-party"
        assert behind.asked == []


# Search


async def test_one_search_finds_services_matters_and_guides(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        said = (await door.call("GET", "/search?q=%E8%AF%81")).json()
        assert said["unavailable"] == []
        assert said["services"]["items"][0]["code"] == "my-certificates"
        [package, matter], [guide] = said["matters"]["items"], said["guides"]["items"]
        assert (package["title_zh"], package["link"]) == ("新生儿出生一件事", "/packages/newborn")
        assert (matter["kind"], matter["code"], matter["title_zh"]) == ("matters", TASK[19:], "犬类准养证核发")
        assert (guide["code"], guide["link"], said["guides"]["next"]) == (TASK, f"/matters/{TASK}", "20")
        assert "5 个工作日" in guide["snippet_zh"]
        assert "5 working days" in guide["snippet_en"]
        assert {(each.party, each.person, each.permissions) for each in callers(behind).values()} == {
            (None, None, frozenset({"matter:read"}))
        }


async def test_one_kind_is_paged(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path) as (door, behind):
        said = (await door.call("GET", "/search?q=%E8%AF%81&kind=guides&after=20")).json()
        assert (said["services"]["items"], said["matters"]["items"], len(said["guides"]["items"])) == ([], [], 1)
        assert len(behind.asked) == 1
        services = (await door.call("GET", "/search?kind=services&after=3")).json()
        assert len(services["services"]["items"]) > 3
        assert len(behind.asked) == 1


async def test_with_the_catalogue_away_services_are_found(database_of: Databases, tmp_path: Path) -> None:
    async with portal(database_of, tmp_path, services={"catalogue": None}) as (door, _):
        said = await door.call("GET", "/search?q=%E9%9A%8F%E7%94%B3%E7%A0%81")
        assert said.status_code == 200
        assert said.json()["unavailable"] == ["matters", "guides"]
        assert said.json()["services"]["items"][0]["title_zh"] == "随申码"


@pytest.mark.parametrize("said", [(200, {}, b"[]"), (200, {}, b""), (500, {}, b"{}"), (404, {}, b"{}")])
async def test_a_catalogue_that_makes_no_sense_is_one_that_is_away(
    database_of: Databases, tmp_path: Path, said: tuple[int, dict[str, str], bytes]
) -> None:
    async with portal(database_of, tmp_path, services={"catalogue": Behind(answer=lambda _: said)}) as (door, _):
        found = await door.call("GET", "/search?q=x")
        assert (found.status_code, found.json()["unavailable"]) == (200, ["matters", "guides"])


@pytest.mark.parametrize("query", ["kind=cases", "after=-1", "after=x", f"q={'a' * 51}", "after=99999"])
async def test_what_cannot_be_searched_for_is_a_problem(database_of: Databases, tmp_path: Path, query: str) -> None:
    async with portal(database_of, tmp_path) as (door, _):
        said = await door.call("GET", f"/search?{query}")
        assert (said.status_code, said.headers["content-type"]) == (422, "application/problem+json")
