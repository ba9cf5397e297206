"""The history of a case: nobody changes it, and the case is rebuilt from it as it is, and as it was at any instant."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.errors import ServiceError
from contracts.events.identity import PersonMerged
from contracts.values import CaseNumber, OfficerId, PersonId
from services.application.commands.moving import move
from services.application.domain.case import Case, NotInThisRole
from services.application.domain.lifecycle import RULES, Act, Actor, Role
from services.application.repository import Cases, rebuilt
from services.application.tables import history
from tests.component.application.conftest import Intake
from tests.component.application.test_acting import company_submits, for_enterprises, knows
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.walks import Attempt, tried

_ENDS = {Act.WITHDRAW, Act.TERMINATE, Act.REFUSE_INTAKE, Act.ARCHIVE}
_OFFICERS = [OfficerId(f"hp-00{number}") for number in (1, 2, 3, 4)]


async def row_of(intake: Intake, number: CaseNumber) -> Case:
    async with intake.database.reading() as session:
        return await Cases(session, intake.sealer).numbered(number)


async def from_history(intake: Intake, case: Case) -> Case:
    async with intake.database.reading() as session:
        return await rebuilt(session, case.id)


async def step(intake: Intake, attempt: Attempt, number: CaseNumber) -> Case | None:
    """The case after the attempt; none when it is refused."""
    async with intake.database.transaction() as session:
        case = await Cases(session, intake.sealer).numbered(number, lock=True)
        try:
            after = tried(case, attempt)
        except ServiceError:
            return None
        by = Actor(attempt.role, case.agency_name, attempt.officer)
        return await move(session, case, after, attempt.act, intake.sealer, by=by, at=attempt.at)


@pytest.mark.parametrize("seed", range(4))
async def test_a_case_is_rebuilt_after_every_act_of_a_random_walk_and_at_every_instant_of_it(intake: Intake, seed: int) -> None:
    random, number, at = Random(seed), await intake.submitted(), TODAY
    snapshots = [(TODAY, await row_of(intake, number))]
    for _ in range(60):
        at += timedelta(hours=random.choice([1, 5, 30]))
        status = snapshots[-1][1].status
        likely = [act for act, rule in RULES.items() if status in rule.sources and (act not in _ENDS or random.random() < 0.05)]
        if not likely:
            break
        act = random.choice(likely)
        attempt = Attempt(act, random.choice(sorted(RULES[act].roles)), random.choice(_OFFICERS), at, random.randint(1, 3))
        if after := await step(intake, attempt, number):
            row = await row_of(intake, number)
            assert row == after == await from_history(intake, row), act
            snapshots.append((at, row))
    assert len(snapshots) > 5
    async with intake.database.reading() as session:
        for moment, snapshot in snapshots:
            assert await rebuilt(session, snapshot.id, until=moment) == snapshot


async def test_a_record_says_who_did_what_when_from_where_to_where(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "acceptance")
    async with intake.database.reading() as session:
        rows = (await session.execute(sa.select(history).order_by(history.c.id))).all()
    submission, acceptance = rows
    assert (submission.act, submission.from_status, submission.to_status, submission.role) == ("submitted", None, "submitted", "applicant")
    said = (acceptance.act, acceptance.from_status, acceptance.to_status, acceptance.role, acceptance.officer, acceptance.revision)
    assert said == ("accepted", "submitted", "accepted", "clerk", "hp-001", 2)
    assert (acceptance.by, acceptance.began_at, acceptance.at) == ("示例·黄浦区公安分局", TODAY, TODAY)


@pytest.mark.parametrize("statement", ["UPDATE history SET note = 'x'", "DELETE FROM history", "TRUNCATE history"])
async def test_nobody_changes_what_was_recorded(intake: Intake, statement: str) -> None:
    await intake.submitted()
    with pytest.raises(DBAPIError, match="never changed"):
        async with intake.database.transaction() as session:
            await session.execute(sa.text(statement))
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(history))).scalar_one() == 1


async def test_a_case_of_merged_accounts_is_rebuilt_as_the_other_person_s(intake: Intake) -> None:
    number, into = await intake.submitted(), PersonId.new()
    for _ in range(2):
        await intake.feed.deliver(PersonMerged(person_id=cases.PERSON, into=into, merged_at=TODAY), at=TODAY)
    row = await row_of(intake, number)
    assert row.person == into
    assert row == await from_history(intake, row)
    async with intake.database.reading() as session:
        acts = (await session.execute(sa.select(history.c.act).order_by(history.c.id))).scalars().all()
    assert acts == ["submitted", "owner_changed"]


async def test_a_case_of_an_organisation_is_rebuilt_as_its_own(intake: Intake) -> None:
    knows(intake, for_enterprises())
    number = CaseNumber((await company_submits(intake)).json()["number"])
    row = await row_of(intake, number)
    again = await from_history(intake, row)
    assert again == row
    assert (again.applicant.organisation, again.applicant.person) == (cases.ORGANISATION, None)


async def test_no_record_of_an_act_by_a_role_that_may_not(intake: Intake) -> None:
    number = await intake.submitted()
    case = await row_of(intake, number)
    after = replace(case, revision=2)
    for act, rule in RULES.items():
        for role in set(Role) - rule.roles:
            with pytest.raises(NotInThisRole):
                async with intake.database.transaction() as session:
                    await move(session, case, after, act, intake.sealer, by=Actor(role, "示例"), at=TODAY)
    assert await row_of(intake, number) == case


async def test_the_form_is_read_as_it_was_before_an_answer_changed_it(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "correction-requests", text="请补正", fields=["address"])
    intake.clock.advance(timedelta(days=1))
    answer = {"values": {"address": "示例路 2 号"}}
    answered = await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json=answer, key="answer")
    assert answered.status_code == 200, answered.text
    case = await row_of(intake, number)
    async with intake.database.reading() as session:
        repository = Cases(session, intake.sealer)
        read = [
            {each.name: each.value for each in await repository.values(case, until=until)}["address"]
            for until in (TODAY, intake.clock.now(), None)
        ]
    assert read == ["示例路 1 号", "示例路 2 号", "示例路 2 号"]
