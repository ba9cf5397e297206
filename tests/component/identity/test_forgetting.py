"""What is over is not kept for ever."""

from datetime import timedelta

import sqlalchemy as sa

from services.identity.repository.expired import KEPT
from services.identity.tables import assertions, authorization_codes, authorization_requests, proofs, refresh_tokens
from tests.component.identity.clients import code_form, fapi_code, proven, proving, set_up
from tests.component.identity.office import Office

TABLES = (assertions, proofs, authorization_requests, authorization_codes, refresh_tokens)


async def forget(office: Office) -> list[int]:
    """How many rows each table has after what is over has been forgotten."""
    async with office.database.transaction() as session:
        for kept in KEPT:
            await kept.forget(session, office.clock.now() - kept.life)
    async with office.database.reading() as reading:
        return [(await reading.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() for table in TABLES]


async def test_what_is_over_is_forgotten_after_a_while(office: Office) -> None:
    await set_up(office, "fapi2")
    await office.registered()
    code = (await fapi_code(office, dpop=proving(office, "/par")))["code"]
    assert (await proven(office, "/token", dpop=proving(office, "/token"), **code_form(code))).status_code == 200
    full = await forget(office)
    assert full == [2, 2, 2, 1, 1]
    office.clock.advance(timedelta(hours=2))
    assert await forget(office) == [0, 0, 2, 1, 1]
    office.clock.advance(timedelta(days=2))
    assert await forget(office) == [0, 0, 0, 1, 1]
    office.clock.advance(timedelta(days=8))
    assert await forget(office) == [0, 0, 0, 0, 0]
