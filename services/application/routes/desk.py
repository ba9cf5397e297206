"""The desk of an officer who handles cases: every act on it happens once, on the case that was read, and in one transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Response

from chassis.clock import Clock as ClockOfService
from chassis.database import Database as DatabaseOfService
from chassis.database import WriteSession
from chassis.errors import ServiceError
from chassis.http import Caller, Clock, Database, Once, Sealer
from chassis.http.idempotency import OnceOnly
from chassis.sealing import Sealer as DataSealer
from contracts.api import application as api
from contracts.api.catalogue import Definition
from contracts.values import CaseNumber, CreditCode, OfficerId
from services.application.commands.cards import raise_card
from services.application.commands.moving import handle
from services.application.commands.returned import Outside as OutsideAct
from services.application.domain.case import BeyondTheGuide, Case, CorrectionWasRequested, Scope, StepHasReturned
from services.application.domain.guide import FeeNotPublished
from services.application.domain.intake import FieldValue
from services.application.domain.lifecycle import Act, Role
from services.application.domain.returned import WorkFormAltered, WorkFormUsed
from services.application.domain.supervision import RuleCode
from services.application.neighbours import Asked as Questions
from services.application.queries.presented import presented
from services.application.repository import Cases
from services.application.routes.outside import Outside

_NOTES: Final[dict[type[ServiceError], str]] = {
    BeyondTheGuide: "引用了办事指南以外的内容 cited what the guide does not say",
    CorrectionWasRequested: "再次要求补正 asked for a second correction",
    FeeNotPublished: "要求收取目录清单以外的费用 asked for a fee that is not published: ",
    StepHasReturned: "同一环节再次退回补正 a step asked twice",
}


class OfficersDesk:
    def __init__(
        self,
        scope: Scope,
        officer: OfficerId,
        agency: CreditCode | None,
        database: DatabaseOfService,
        clock: ClockOfService,
        once: OnceOnly,
        sealer: DataSealer,
        outside: OutsideAct,
    ) -> None:
        self.scope = scope
        self.officer = officer
        self.agency = agency
        self.sealer = sealer
        self._database = database
        self._clock = clock
        self._once = once
        self._outside = outside

    @property
    def now(self) -> datetime:
        return self._clock.now()

    async def do(
        self, number: CaseNumber, act: Act, role: Role, step: Callable[[Case], Case], body: api.OfficerAct, *, note: str | None = None
    ) -> Response:
        """One step of a case."""

        async def work(session: WriteSession) -> Case:
            return await handle(
                session, number, self.scope, act, step, self.sealer, role=role, by=self.officer, at=self.now, revision=body.revision, note=note
            )  # fmt: skip

        return await self.answer(work)

    async def answer(self, work: Callable[[WriteSession], Awaitable[Case]]) -> Response:
        async def shown(session: WriteSession) -> api.Case:
            if done := await self._outside.begin(session, self.sealer):
                return presented(done)
            case = await work(session)
            await self._outside.end(session, case, at=self.now)
            return presented(case)

        try:
            return await self._once.answer(shown)
        except (WorkFormAltered, WorkFormUsed) as refusal:
            async with self._database.transaction() as session:
                await self._outside.note_refusal(session, refusal, at=self.now)
            raise

    async def stored(self) -> Response | None:
        """What was answered to this key, or what became of this operation under another."""
        if earlier := await self._once.stored():
            return earlier
        async with self._database.reading() as session:
            done = await self._outside.done(session, self.sealer)
        body = presented(done).model_dump_json() if done else None
        return Response(body, 200, {"idempotency-replayed": "true"}, "application/json") if body else None

    async def read(self, number: CaseNumber) -> tuple[Case, tuple[FieldValue, ...]]:
        async with self._database.reading() as session:
            cases = Cases(session, self.sealer)
            case = await cases.within(number, self.scope)
            return case, await cases.values(case)

    @asynccontextmanager
    async def supervised(self, case: Case, rule: RuleCode, about: str = "") -> AsyncIterator[None]:
        """An attempt to go beyond the guide, or to ask twice, is refused, and its card, which says what `about`, stays although nothing
        else does."""
        try:
            yield
        except (BeyondTheGuide, CorrectionWasRequested, FeeNotPublished, StepHasReturned) as refusal:
            note = f"{_NOTES[type(refusal)]}{about}"
            async with self._database.transaction() as session:
                await raise_card(session, case, rule, at=self.now, note=note)
            raise


async def guide_of(asked: Questions, case: Case) -> Definition:
    """The version that the case runs under, in its situation."""
    return await asked.definition(case.task_code, version=case.version, situation=case.situation)


async def _desk(caller: Caller, outside: Outside, database: Database, clock: Clock, once: Once, sealer: Sealer) -> OfficersDesk:
    return OfficersDesk(outside.scope, caller.required_officer(), caller.agency, database, clock, once, sealer, outside)


Desk = Annotated[OfficersDesk, Depends(_desk)]
