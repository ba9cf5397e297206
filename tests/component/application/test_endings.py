"""Cases that end without a grant or a refusal are told to the mesh with the act that ended them, and nobody waits for them."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.events import Event
from contracts.events.application import CaseNotAccepted, CaseTerminated, CaseWithdrawn
from services.application.commands.ending import withdraw
from services.application.domain.applicant import Applicant
from services.application.domain.lifecycle import Act
from services.application.tables import outbox
from tests.component.application.clocked import case_of, moved, pass_at, sealer_of
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.service import published

ENDS = (CaseNotAccepted, CaseWithdrawn, CaseTerminated)


async def withdrawn(intake: Intake, number: str) -> Any:
    return await intake.door.call("POST", f"/cases/{number}/withdrawal", facts=cases.applicant(), json={"reason": "不办了"}, key=number[:9])


async def told(intake: Intake) -> list[Event]:
    return await published(intake.database, *ENDS)


async def test_what_is_not_taken_in_is_told_with_the_right_agency(intake: Intake) -> None:
    number = await intake.submitted()
    right = {"agency": cases.AGENCY, "agency_name": "示例·徐汇区公安分局"}
    await intake.done(number, "intake-refusal", kind="wrong_agency", reason="属徐汇区", **right)
    [event] = await told(intake)
    assert isinstance(event, CaseNotAccepted)
    assert (event.number, event.kind, event.right_agency, event.ended_at) == (number, "wrong_agency", cases.AGENCY, TODAY)


async def test_what_its_applicant_takes_back_is_told_once_however_often_it_is_asked(intake: Intake) -> None:
    number = await intake.submitted()
    for _ in range(2):
        assert (await withdrawn(intake, number)).status_code == 200
    [event] = await told(intake)
    assert isinstance(event, CaseWithdrawn)
    assert (event.number, event.agency, event.division) == (number, cases.AGENCY, cases.HUANGPU)


async def test_what_an_officer_ends_and_what_ends_by_itself_is_told_the_same_without_why(intake: Intake) -> None:
    first, second = await intake.submitted(), await intake.submitted("second")
    await intake.done(first, "termination", cause="death_or_dissolution", reason="申请人死亡")
    await intake.done(second, "correction-requests", "hp-002", text="照片不清晰", materials=["vaccination-proof"])
    await pass_at(intake, intake.clock.now() + timedelta(days=60))
    assert (await case_of(intake, second)).status == "terminated"
    events = await told(intake)
    assert [(type(each), each.key()) for each in events] == [(CaseTerminated, first), (CaseTerminated, second)]
    assert "death" not in events[0].model_dump_json()


async def test_the_event_carries_the_trace_of_the_submission_and_stands_or_falls_with_the_act(intake: Intake) -> None:
    number = await intake.submitted()
    case = await case_of(intake, number)

    async def undone() -> None:
        async with intake.database.transaction() as session:
            await withdraw(session, number, Applicant(cases.PERSON), sealer_of(intake), at=TODAY, reason=None)
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    assert await told(intake) == []
    assert (await case_of(intake, number)).status == "submitted"
    await moved(intake, number, Act.WITHDRAW, lambda each: each.withdraw(at=TODAY))
    async with intake.database.reading() as session:
        trace = (await session.execute(sa.select(outbox.c.trace).where(outbox.c.type == CaseWithdrawn.TYPE))).scalar_one()
    assert trace == case.trace
