"""A work list is known by a tag of what it says: it is made anew by what the officer can see, and by nothing else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from contracts.values import BasicCode, CaseNumber, OfficerId
from services.application.commands import scopes
from services.application.commands.cards import raise_card
from services.application.domain.supervision import RuleCode
from services.application.repository import Cases
from services.application.tables import cards, clocks
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY

OFFICER = "hp-005"


async def tag_of(intake: Intake) -> str:
    return str((await intake.door.call("GET", "/work-list", facts=cases.handler(OFFICER))).headers["etag"])


async def is_known(intake: Intake, tag: str) -> bool:
    answer = await intake.door.call("GET", "/work-list", facts=cases.handler(OFFICER), headers={"if-none-match": tag})
    return bool(answer.status_code == 304)


async def _accepted(intake: Intake, number: CaseNumber) -> None:
    assert (await intake.act(number, "acceptance")).status_code == 200


async def _asked_to_correct(intake: Intake, number: CaseNumber) -> None:
    answer = await intake.act(number, "correction-requests", text="请补充接种证明", materials=["vaccination-proof"])
    assert answer.status_code == 200


async def _another(intake: Intake, _number: CaseNumber) -> None:
    await intake.submitted("second")


async def _due_on_another_day(intake: Intake, number: CaseNumber) -> None:
    async with intake.database.transaction() as session:
        case = await Cases(session, intake.sealer).numbered(number)
        await session.execute(sa.update(clocks).where(clocks.c.case_id == case.id).values(due_at=TODAY + timedelta(days=70)))


async def _carded(intake: Intake, number: CaseNumber) -> None:
    async with intake.database.transaction() as session:
        await raise_card(session, await Cases(session, intake.sealer).numbered(number), RuleCode.R06, at=TODAY)


async def _limited(intake: Intake, _number: CaseNumber) -> None:
    async with intake.database.transaction() as session:
        await scopes.limit(session, cases.HUANGPU, OfficerId(OFFICER), [BasicCode("310199999000")], by=OfficerId("hp-009"), at=TODAY)


VISIBLE = [_accepted, _asked_to_correct, _another, _due_on_another_day, _carded, _limited]


@pytest.mark.parametrize("change", VISIBLE, ids=lambda change: change.__name__.strip("_"))
async def test_what_an_officer_can_see_makes_the_tag_anew(intake: Intake, change: Callable[[Intake, CaseNumber], Awaitable[None]]) -> None:
    number = await intake.submitted()
    tag = await tag_of(intake)
    assert await is_known(intake, tag)
    await change(intake, number)
    assert not await is_known(intake, tag)


async def test_an_answered_card_makes_it_anew(intake: Intake) -> None:
    await _carded(intake, await intake.submitted())
    tag = await tag_of(intake)
    async with intake.database.transaction() as session:
        await session.execute(sa.update(cards).values(answered_at=TODAY))
    assert not await is_known(intake, tag)


async def test_what_others_write_does_not(intake: Intake) -> None:
    await intake.submitted()
    tag = await tag_of(intake)
    await _write_in_another_database(intake)
    elsewhere = cases.definition(division=cases.XUHUI)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", elsewhere)
    await intake.submitted("second")
    assert len((await intake.door.call("GET", "/work-list", facts=cases.handler(division=cases.XUHUI))).json()["items"]) == 1
    assert await is_known(intake, tag)


async def _write_in_another_database(intake: Intake) -> None:
    """Of the same server: it takes the number of a transaction, as every write does."""
    url = make_url(intake.database.url).set(drivername="postgresql", database="postgres")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        assert await connection.fetchval("SELECT pg_current_xact_id()::text")
    finally:
        await connection.close()
