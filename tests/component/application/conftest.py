import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from chassis.sealing import Sealer
from contracts.api.certificate import CheckedContent
from contracts.values import CaseNumber
from services.application import app
from services.application.consumers import subscriptions
from services.application.settings import ApplicationSettings
from tests.component.application.pushing import Pushing, Ticking, lanes_of
from tests.support import cases
from tests.support.service import Door, Feed, Neighbours, neighbours, settings_of


@dataclass
class Intake:
    """The application service, its neighbours, and what tests do with them again and again."""

    door: Door
    feed: Feed
    neighbours: Neighbours
    database: Database
    clock: FixedClock
    data_key_file: Path
    sealer: Sealer

    async def upload(self, facts: CallerFacts, content: bytes = cases.PNG) -> str:
        answer = await self.door.call("POST", "/files", facts=facts, content=content, media_type="image/png")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["file_id"])

    async def body(self, facts: CallerFacts, **changes: Any) -> dict[str, Any]:
        """A submission that is right."""
        said = {
            "task_code": cases.TASK,
            "version": 1,
            "values": {"dog_name": "阿黄", "address": "示例路 1 号"},
            "materials": [
                {
                    "code": "identity-card",
                    "certificate": {"certificate_id": cases.CARD_ID, "purpose": "办理犬类准养证", "consent": True},
                },
                {"code": "vaccination-proof", "file_id": await self.upload(facts)},
            ],
        }
        return said | changes

    async def submitted(self, key: str = "first") -> CaseNumber:
        facts = cases.applicant()
        answer = await self.door.call("POST", "/cases", facts=facts, json=await self.body(facts), key=key)
        assert answer.status_code == 201, answer.text
        return CaseNumber(answer.json()["number"])

    async def act(self, number: CaseNumber, path: str, officer: str = "hp-001", **body: Any) -> Any:
        return await self.door.call(
            "POST", f"/cases/{number}/{path}", facts=cases.handler(officer), json=body or None, key=f"{path}-{officer}"
        )

    async def done(self, number: CaseNumber, path: str, officer: str = "hp-001", **body: Any) -> Any:
        """What the case says after an act that has to succeed."""
        answer = await self.act(number, path, officer, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def reviewing(self) -> CaseNumber:
        number = await self.submitted()
        await self.done(number, "acceptance")
        await self.done(number, "review", "hp-002")
        return number

    async def granted(self) -> CaseNumber:
        number = await self.submitted()
        assert (await self.act(number, "acceptance")).status_code == 200
        answer = await self.act(number, "decision", "hp-002", outcome="grant", content={"dog_breed": "中华田园犬"})
        assert answer.status_code == 200, answer.text
        return number


@pytest.fixture
async def intake(database_of: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> AsyncIterator[Intake]:
    database = database_of("services.application")
    async with neighbours("catalogue", "identity", "certificate") as others:
        settings = settings_of(
            ApplicationSettings, database, tmp_path, data_key_file=tmp_path / "data.key", callbacks_on_loopback=True, **others.urls
        )
        seen = Disclosure((cases.PERSON,), 4, "", ("name", "resident_id"))
        others.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition())
        others.answers("identity", "GET", f"/persons/{cases.PERSON}/profile", cases.profile(), discloses=seen)
        others.answers("identity", "GET", f"/subjects/{cases.PERSON}/credit", cases.credit(), discloses=seen)
        others.answers("certificate", "POST", "/holdings", [cases.holding()], discloses=seen)
        others.answers("certificate", "POST", f"/certificates/{cases.CARD_ID}/uses", cases.used(), discloses=seen)
        others.answers("certificate", "POST", f"/certificate-types/{cases.LICENCE}/contents", CheckedContent(errors=[]))
        sealer = Sealer.from_file(tmp_path / "data.key")
        door = Door(app.create(settings, database, clock), "application")
        feed = Feed.of(subscriptions, database, clock, sealer)
        yield Intake(door, feed, others, database, clock, tmp_path / "data.key", sealer)
        await door.app.state.mesh.close()


@pytest.fixture
async def pushing(intake: Intake) -> AsyncIterator[Pushing]:
    stop = asyncio.Event()
    clock = Ticking(intake.clock)
    async with lanes_of(intake, clock, stop) as lanes:
        yield Pushing(intake, lanes, stop)
