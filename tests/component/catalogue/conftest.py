"""The catalogue, the committed seed and a certificate service beside it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http import CallerFacts
from contracts.values import PartyId, PersonId
from deploy.local import seed as committed
from services.catalogue import app
from services.catalogue.settings import CatalogueSettings
from tests.support.service import EVERYTHING, Door, Neighbours, neighbours, settings_of

DOG = "310101900000"
DOG_IN_HUANGPU = "11310101TE5T0101924310101900000"


def seed(*basic_codes: str) -> dict[str, Any]:
    """The document that the seed is imported as; only these of its matters where any are named."""
    document = committed.document()
    if basic_codes:
        document["matters"] = [each for each in document["matters"] if each["basic_code"] in basic_codes]
    return document


@dataclass
class Desk:
    """The service under test, and what departments and citizens ask of it."""

    door: Door
    database: Database
    beside: Neighbours

    def party(self, kind: str = "department", **more: Any) -> CallerFacts:
        return CallerFacts("gateway", party=PartyId.new(), party_kind=kind, permissions=EVERYTHING, **more)

    async def take(self, document: dict[str, Any]) -> httpx.Response:
        return await self.door.call("POST", "/matters/imports", facts=self.party(), json=document)

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
    async with neighbours("certificate") as beside:
        door = Door(
            app.create(settings_of(CatalogueSettings, database, tmp_path, search_fresh_for_s=0, **beside.urls), database, clock),
            "catalogue",
        )
        yield Desk(door, database, beside)
        await door.app.state.mesh.close()


@pytest.fixture
async def seeded(desk: Desk) -> Desk:
    answer = await desk.take(seed())
    assert answer.status_code == 200, answer.text
    return desk
