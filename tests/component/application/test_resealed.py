"""What is never changed comes under another key all the same, and is changed in no other way."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.sealing import Ring
from chassis.sealing.resealing import reseal
from chassis.sealing.ring import change
from contracts.values import CaseNumber
from services.application.repository import Cases
from services.application.tables import documents, history, metadata
from tests.component.application.conftest import Intake
from tests.component.application.test_documents import fetched, listed
from tests.support import cases
from tests.support.clock import TODAY

SAY_SO = sa.text("SELECT set_config('chassis.resealing', 'on', true)")


async def corrected(intake: Intake) -> CaseNumber:
    """A case with a form that was replaced, a document that was printed, and one that nobody asked for."""
    number = await intake.submitted()
    await intake.done(number, "correction-requests", text="请补正", fields=["address"])
    await listed(intake, number)
    intake.clock.advance(timedelta(days=1))
    answer = {"values": {"address": "示例路 2 号"}}
    answered = await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json=answer, key="answer")
    assert answered.status_code == 200, answered.text
    await intake.done(number, "acceptance")
    return number


async def kept(intake: Intake) -> list[Any]:
    """Everything of both tables but the bytes that are sealed."""
    found = []
    for table, sealed in ((history, {"replaced"}), (documents, {"content", "sheet"})):
        columns = [column for column in table.c if column.name not in sealed]
        async with intake.database.reading() as session:
            found.append((await session.execute(sa.select(*columns).order_by(table.c.id))).all())
    return found


async def test_another_key_takes_over_what_stays(intake: Intake, tmp_path: Path) -> None:
    number = await corrected(intake)
    first = (await listed(intake, number))[0]
    sheet = (await fetched(intake, number, first["id"])).content
    async with intake.database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE documents DISABLE TRIGGER USER"))
        await session.execute(sa.update(documents).where(documents.c.kind == "acceptance").values(sheet=None, digest=None))
        await session.execute(sa.text("ALTER TABLE documents ENABLE TRIGGER USER"))
    before = await kept(intake)
    file = tmp_path / "data.key"
    change(file, Ring.with_another)
    change(file, Ring.with_newest_current)
    assert intake.door.app.state.sealer.ring.current.id == 1
    done = await reseal(intake.database, metadata, intake.door.app.state.sealer, rest=0)
    assert (done["history"], done["documents"]) == (1, 2)
    change(file, Ring.without_retired)
    sealer = intake.door.app.state.sealer
    assert len(sealer.ring.keys) == 1
    assert await kept(intake) == before
    async with intake.database.reading() as session:
        repository = Cases(session, sealer)
        case = await repository.numbered(number)
        was = {each.name: each.value for each in await repository.values(case, until=TODAY)}
    assert was["address"] == "示例路 1 号"
    assert (await fetched(intake, number, first["id"])).content == sheet
    assert "受理" in (await fetched(intake, number, (await listed(intake, number))[1]["id"], "?format=text")).text


async def written(intake: Intake, change_of: Any, *, says_so: bool) -> None:
    async with intake.database.transaction() as session:
        if says_so:
            await session.execute(SAY_SO)
        await session.execute(change_of)


@pytest.mark.parametrize(
    ("change_of", "does_say_so"),
    [
        (sa.update(history).values(replaced=b"\x01\x00\x00\x00\x01other"), False),
        (sa.update(history).where(history.c.replaced.is_not(None)).values(replaced=None), True),
        (sa.update(history).where(history.c.replaced.is_(None)).values(replaced=b"more"), True),
        (sa.update(history).values(note="另一说法"), True),
        (sa.delete(history), True),
        (sa.text("TRUNCATE history"), True),
        (sa.update(documents).values(content=b"\x01\x00\x00\x00\x01other"), False),
        (sa.update(documents).values(sealed_at=TODAY + timedelta(days=9)), True),
        (sa.update(documents).values(sheet=None), True),
        (sa.delete(documents), True),
    ],
)
async def test_nothing_else_changes_whoever_says_that_it_is_a_key(intake: Intake, change_of: Any, does_say_so: bool) -> None:
    number = await corrected(intake)
    await listed(intake, number)
    with pytest.raises(DBAPIError, match="never changed"):
        await written(intake, change_of, says_so=does_say_so)
