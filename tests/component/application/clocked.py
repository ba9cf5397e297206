"""What tests about the clock do with cases again and again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.sealing import Sealer
from contracts.values import CaseNumber, OfficerId
from services.application.clockwork import one_pass
from services.application.commands.moving import move
from services.application.domain.case import Case
from services.application.domain.lifecycle import RULES, Act, Actor
from services.application.repository import Cases
from services.application.tables import cards
from tests.component.application.conftest import Intake
from tests.support import cases

OFFICER = OfficerId("hp-001")


def sealer_of(intake: Intake) -> Sealer:
    sealer: Sealer = intake.door.app.state.sealer
    return sealer


async def moved(intake: Intake, number: CaseNumber, act: Act, step: Callable[[Case], Case]) -> Case:
    """The case after one act, by whoever may do it."""
    sealer = sealer_of(intake)
    async with intake.database.transaction() as session:
        case = await Cases(session, sealer).numbered(number, lock=True)
        by = Actor(min(RULES[act].roles), "示例", OFFICER)
        return await move(session, case, step(case), act, sealer, by=by, at=intake.clock.now())


async def case_of(intake: Intake, number: CaseNumber) -> Case:
    async with intake.database.reading() as session:
        return await Cases(session, sealer_of(intake)).numbered(number)


async def pass_at(intake: Intake, at: datetime) -> None:
    """The clock of the worker strikes."""
    intake.clock.advance(at - intake.clock.now())
    await one_pass(intake.database, intake.clock, sealer_of(intake))


async def rules_of(intake: Intake, number: CaseNumber) -> list[str]:
    """The rules of every card of the case, in their order."""
    query = sa.select(cards.c.rule).where(cards.c.number == number).order_by(cards.c.rule)
    async with intake.database.reading() as session:
        return list((await session.execute(query)).scalars())


async def acts_of(intake: Intake, number: CaseNumber) -> list[dict[str, Any]]:
    found = await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())
    steps: list[dict[str, Any]] = found.json()["steps"]
    return steps
