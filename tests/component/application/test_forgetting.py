from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from services.application import worker
from services.application.repository import forget_requests
from services.application.settings import ApplicationSettings
from services.application.tables import idempotency_keys, reservations
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.eventually import eventually
from tests.support.service import settings_of
from tests.support.station import running


async def remembered(intake: Intake) -> tuple[int, int]:
    """How many reservations and how many keys."""
    async with intake.database.reading() as session:
        counts = [
            (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in (reservations, idempotency_keys)
        ]
    return counts[0], counts[1]


async def test_a_request_that_is_forgotten_comes_again_as_a_new_one(intake: Intake, tmp_path: Path) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    first = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    settings = settings_of(ApplicationSettings, intake.database, tmp_path, data_key_file=tmp_path / "data.key")
    intake.clock.advance(timedelta(days=7, seconds=1))
    [part] = [part for part in worker.create(settings, intake.database, intake.clock) if part.name == "idempotency keys"]

    async def is_forgotten() -> bool:
        return await remembered(intake) == (0, 0)

    async with running(part.main):
        await eventually(is_forgotten)
    again = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["number"] != again.json()["number"]


async def test_a_key_outlives_the_number_of_its_request(intake: Intake) -> None:
    await intake.submitted()
    later = intake.clock.now() + timedelta(seconds=1)
    seen = []
    for _ in range(3):
        async with intake.database.transaction() as session:
            forgotten = await forget_requests(session, later)
        seen.append((forgotten, *await remembered(intake)))
    assert seen == [(1, 0, 1), (1, 0, 0), (0, 0, 0)]
