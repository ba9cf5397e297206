"""What tests about callbacks do again and again: a party registers, cases move, the lanes of a process tell of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from chassis.sealing import Sealer
from contracts.values import CaseNumber, OfficerId, PartyId
from services.application.deliveries import Lanes, Terms
from services.application.tables import dispatches
from tests.support import cases
from tests.support.callback_receivers import Receiver
from tests.support.clock import TODAY
from tests.support.eventually import eventually
from tests.support.service import EVERYTHING

if TYPE_CHECKING:
    from tests.component.application.conftest import Intake

TERMS = Terms(deadline_s=1.0, pause_ceiling=timedelta(minutes=5), give_up_after=timedelta(days=7), may_be_loopback=True, random=lambda: 1.0)
OPERATOR = CallerFacts("gateway", PartyId.new(), "operator", officer=OfficerId("op-001"), permissions=EVERYTHING)
DEPARTMENT = replace(cases.handler(kind="department"), party=PartyId.new())


class Ticking:
    """The system's clock, put forward."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._began = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=asyncio.get_running_loop().time() - self._began)  # type: ignore[no-any-return]


@dataclass
class Pushing:
    intake: "Intake"
    lanes: Lanes
    stop: asyncio.Event

    async def register(self, receiver: Receiver, facts: CallerFacts | None = None, **more: Any) -> dict[str, Any]:
        body = {"url": receiver.url, "per_second": 200, **more}
        answer = await self.intake.door.call("PUT", "/callbacks/own", facts=facts or cases.handler(), json=body)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def until(self, condition: Callable[[], Any]) -> Any:
        async def look() -> Any:
            await self.lanes.look(self.stop)
            found = condition()
            return await found if isinstance(found, Awaitable) else found

        return await eventually(look, within=20)

    async def moved(
        self, count: int, *, case: int = 1, agency: str = cases.AGENCY, division: str | None = cases.HUANGPU, at: datetime = TODAY
    ) -> CaseNumber:
        """The feed's rows of a case with so many moves."""
        number = CaseNumber.of(cases.TASK, TODAY.date(), case)
        said = {"number": number, "reason": "submitted", "status": "submitted", "agency": agency, "division": division, "at": at}
        async with self.intake.database.transaction() as session:
            await session.execute(sa.insert(dispatches).values([said | {"revision": each} for each in range(1, count + 1)]))
        return number

    async def ledger(self, facts: CallerFacts | None = None, query: str = "") -> list[dict[str, Any]]:
        path = "/callbacks/own/deliveries" if facts is None else "/callbacks/deliveries"
        answer = await self.intake.door.call("GET", f"{path}{query}", facts=facts or cases.handler())
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def ask(self, what: str, facts: CallerFacts | None = None, party: str = "own", **body: Any) -> Any:
        path, key = f"/callbacks/{party}/{what}", f"{what}-{json.dumps(body)[:40]}".replace(" ", "")
        return await self.intake.door.call("POST", path, facts=facts or cases.handler(), json=body, key=key)


@asynccontextmanager
async def lanes_of(intake: "Intake", clock: Any, stop: asyncio.Event) -> AsyncIterator[Lanes]:
    lanes = Lanes(intake.database, clock, Sealer.from_file(intake.data_key_file), TERMS)
    try:
        yield lanes
    finally:
        stop.set()
        await lanes.run(stop)


async def settled(intake: "Intake") -> None:
    """No transaction of another test on the same server is older than what was written here."""

    async def look() -> bool:
        async with intake.database.reading() as session:
            query = sa.text("SELECT count(*) FROM dispatches WHERE written_by >= pg_snapshot_xmin(pg_current_snapshot())")
            return int((await session.execute(query)).scalar_one()) == 0

    assert await eventually(look)


async def attempts(pushing: Pushing, count: int) -> bool:
    lines = await pushing.ledger()
    return bool(lines) and len(lines[0]["attempts"]) == count and pushing.lanes.is_idle
