"""The catalogue, the committed seed and a certificate service beside it."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http import CallerFacts
from contracts.values import OfficerId, PartyId, PersonId
from deploy.local import seed as committed
from services.catalogue import app
from services.catalogue.settings import CatalogueSettings
from tests.support import postgres
from tests.support.service import EVERYTHING, Door, Neighbours, neighbours, settings_of

DOG = "310101900000"
DOG_IN_HUANGPU = "11310101TE5T0101924310101900000"

_TAKEN: dict[str, postgres.Contents] = {}
CURATED = [each["basic_code"] for each in json.loads((committed.CATALOGUE / "matters" / "curated.json").read_text())]


def seed(*basic_codes: str) -> dict[str, Any]:
    """The document that the seed is imported as; only these of its matters, and who answers for them, where any are named."""
    beside, matters = _seed()
    document: dict[str, Any] = json.loads(beside)
    document["matters"] = [json.loads(text) for code, text in matters.items() if not basic_codes or code in basic_codes]
    if basic_codes:
        answering = {one["task_code"][:18] for each in document["matters"] for one in each["implementations"]}
        document["agencies"] = [each for each in document["agencies"] if each["code"] in answering]
    return document


@cache
def _seed() -> tuple[str, dict[str, str]]:
    """What stands beside the matters, and each matter by its basic code: hundreds of tests read a few of seven hundred."""
    document = committed.document()
    matters = {each["basic_code"]: json.dumps(each) for each in document.pop("matters")}
    return json.dumps(document), matters


@dataclass
class Desk:
    """The service under test, and what departments and citizens ask of it."""

    door: Door
    database: Database
    beside: Neighbours

    def party(self, kind: str = "department", **more: Any) -> CallerFacts:
        return CallerFacts("gateway", party=PartyId.new(), party_kind=kind, permissions=EVERYTHING, **more)

    async def take(self, document: dict[str, Any]) -> httpx.Response:
        """Submitted by one officer and published by another; the answer to what was refused first, or to the dry run."""
        facts = self.party(officer=OfficerId("db-001"))
        submitted = await self.door.call("POST", "/matters/imports", facts=facts, json=document)
        if submitted.status_code != 200 or document.get("dry_run"):
            return submitted
        return await self.review(submitted.json(), facts)

    async def review(self, submitted: dict[str, Any], facts: CallerFacts, officer: str = "db-002", **said: Any) -> httpx.Response:
        """By another officer of the party that `facts` say."""
        body = {"digest": submitted["digest"], "outcome": "publish", **said}
        other = replace(facts, officer=OfficerId(officer))
        return await self.door.call("POST", f"/matters/imports/{submitted['id']}/review", facts=other, json=body)

    async def begin_with(self, document: dict[str, Any]) -> None:
        """An empty catalogue takes `document`. What the first import of it left in the database is put there for every later one:
        tests that begin with a catalogue are not about how it came."""
        database, tables = str(make_url(self.database.url).database), postgres.untouched_of("services.catalogue").tables
        text = json.dumps(document)
        if text in _TAKEN:
            await postgres.refill(database, _TAKEN[text])
            return
        answer = await self.take(document)
        assert answer.status_code == 200, answer.text
        _TAKEN[text] = await postgres.contents_of(database, tables)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.door.call("GET", path, facts=self.party("app"), headers=headers)

    async def found(self, query: str) -> list[dict[str, Any]]:
        answer = await self.get(f"/matters?{httpx.QueryParams(q=query)}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def readiness(self, task_code: str, person: PersonId | None, **more: Any) -> httpx.Response:
        return await self.door.call("GET", f"/matters/{task_code}/readiness", facts=self.party("app", person=person, assurance=2, **more))

    async def definition(self, task_code: str, service: str = "application", query: str = "") -> httpx.Response:
        return await self.door.call("GET", f"/matters/{task_code}/definition{query}", facts=CallerFacts(service))


@pytest.fixture
async def desk(database_of: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> AsyncIterator[Desk]:
    """The catalogue before anything is imported."""
    database = database_of("services.catalogue")
    async with neighbours("certificate", "identity") as beside:
        settings = settings_of(CatalogueSettings, database, tmp_path, search_fresh_for_s=0, **beside.urls)
        door = Door(app.create(settings, database, clock), "catalogue")
        yield Desk(door, database, beside)
        await door.app.state.mesh.close()


@pytest.fixture
async def seeded(desk: Desk) -> Desk:
    """The catalogue with the sixty matters of `curated.json`: enough to choose among, and quickly there."""
    await desk.begin_with(seed(*CURATED))
    return desk
