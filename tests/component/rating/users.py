"""The rating service as the people and systems that use it see it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import sqlalchemy as sa

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http import CallerFacts
from contracts.events.application import CaseClosed
from contracts.permissions import Permission
from contracts.values import CaseNumber, CreditCode, DivisionCode, OfficerId, PartyId, PersonId, TaskCode
from services.rating.settings import RatingSettings
from tests.support.eventually import eventually
from tests.support.service import Door, Feed

AGENCY = CreditCode("11310115002421001H")
OTHER_AGENCY = CreditCode("113101040024220044")
_APP = PartyId.new()
_keys = count(1)


@dataclass
class Service:
    """`at` is the clock's time; every call carries the permissions that the gateway grants to that kind of party."""

    database: Database
    clock: FixedClock
    settings: RatingSettings
    door: Door
    feed: Feed
    _serial: Any = field(default_factory=lambda: count(1))

    def case(self, person: PersonId, *, agency: CreditCode = AGENCY, basic: str = "310117002011", **said: Any) -> CaseClosed:
        """A case that was closed just now."""
        task = TaskCode(f"{agency}6{basic}")
        facts = {
            "number": CaseNumber.of(task, date(2026, 11, 18), next(self._serial)),
            "person_id": person,
            "task_code": task,
            "matter_name": "示例·居住证申领",
            "agency": agency,
            "agency_name": "示例·某机构",
            "division": agency.division,
            "accepted_by": OfficerId("clerk-7001"),
            "decided_by": OfficerId("chief-7002"),
            "closed_at": self.clock.now(),
        }
        return CaseClosed(**{**facts, **said})

    async def invited(self, person: PersonId, **said: Any) -> str:
        """The id of the person's newest ticket, for a case that was just closed."""
        await self.feed.deliver(self.case(person, **said), at=self.clock.now())
        answer = await self.get("/ratings/invitations", signed_in(person))
        return str(answer.json()[0]["ticket_id"])

    async def get(self, path: str, facts: CallerFacts, **headers: str) -> httpx.Response:
        return await self.door.call("GET", path, facts=facts, headers={name.replace("_", "-"): text for name, text in headers.items()})

    async def post(self, path: str, facts: CallerFacts, body: Any, *, key: str | None = None) -> httpx.Response:
        return await self.door.call("POST", path, facts=facts, json=body, key=key or f"key-{next(_keys)}")

    async def rated(self, person: PersonId, stars: int, *, text: str | None = None, tags: tuple[str, ...] = (), **said: Any) -> Any:
        """The answer to a rating of a case that was just closed."""
        body = {"ticket_id": await self.invited(person, **said), "stars": stars, "tags": list(tags), "text": text}
        answer = await self.post("/ratings", signed_in(person), body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def reply(self, rating_id: str, *, text: str = "已整改，谢谢您的意见。", facts: CallerFacts | None = None) -> httpx.Response:
        return await self.post(f"/ratings/{rating_id}/reply", facts or district(), {"kind": "rectified", "text": text})

    def passes(self, time: timedelta) -> datetime:
        self.clock.advance(time)
        return self.clock.now()


@asynccontextmanager
async def held(rating: Service, table: sa.Table, *, until_waiting: int) -> AsyncIterator[None]:
    """Every row of the table is locked from the start of the block until so many others wait for a lock."""
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")

    async def are_waiting() -> bool:
        async with rating.database.reading() as session:
            return bool((await session.execute(waiting)).scalar_one() >= until_waiting)

    async with rating.database.transaction() as session:
        await session.execute(sa.select(table.c.id).with_for_update())
        yield
        await eventually(are_waiting, within=2)


def _granted(*permissions: Permission) -> frozenset[str]:
    return frozenset(permission.value for permission in permissions)


def signed_in(person: PersonId, *, assurance: int = 2) -> CallerFacts:
    """Somebody at an app."""
    granted = _granted(Permission.RATING_READ, Permission.RATING_SUBMIT)
    return CallerFacts("gateway", party=_APP, party_kind="app", person=person, assurance=assurance, permissions=granted)


def district(division: str = "310115", *, officer: str | None = "pd-009") -> CallerFacts:
    return CallerFacts(
        "gateway",
        party=PartyId.new(),
        party_kind="district",
        division=DivisionCode(division),
        officer=OfficerId(officer) if officer else None,
        permissions=_granted(Permission.RATING_ANSWER),
    )


def department(agency: CreditCode | None = AGENCY) -> CallerFacts:
    return CallerFacts(
        "gateway",
        party=PartyId.new(),
        party_kind="department",
        agency=agency,
        division=DivisionCode("310000"),
        officer=OfficerId("ga-009"),
        permissions=_granted(Permission.RATING_ANSWER),
    )


def anybody() -> CallerFacts:
    return CallerFacts("gateway", party_kind="portal", permissions=_granted(Permission.RATING_READ))
