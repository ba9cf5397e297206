"""One stored version that cannot be read is left out and counted; everybody else is answered."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import structlog

from tests.component.catalogue.conftest import DOG, Desk, seed

RESIDENCE_PERMIT = "312001903000"


async def spoil(desk: Desk, statement: str) -> None:
    """What no release of ours writes: the database's own guards are passed by."""
    async with desk.database.engine.begin() as connection:
        await connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await connection.execute(sa.text(statement))


@pytest.fixture
async def spoilt(desk: Desk) -> Desk:
    assert (await desk.take(seed(DOG, RESIDENCE_PERMIT))).status_code == 200
    await spoil(desk, f"UPDATE versions SET content = content - 'steps' WHERE basic_code = '{DOG}'")
    await spoil(
        desk, f"UPDATE search_documents SET said = said - 'name', changed = pg_current_xact_id()::text::bigint WHERE code = '{DOG}'"
    )
    return desk


async def ready(desk: Desk) -> dict[str, Any]:
    transport = httpx.ASGITransport(desk.door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get("/health/ready")
    said: dict[str, Any] = answer.json() | {"answered": answer.status_code}
    return said


async def test_lists_metrics_and_search_leave_it_out_and_say_so(spoilt: Desk) -> None:
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            paths = (
                "/lists",
                "/lists/public-services",
                "/metrics/catalogue",
                "/matters",
                "/matters/search?q=居住证",
                "/drift",
                "/packages",
                "/service-points",
            )
            for path in paths:
                assert (await spoilt.get(path)).status_code == 200, path
    codes = {each["code"] for each in (await spoilt.get("/matters/search?q=证")).json()["items"]}
    assert codes == {RESIDENCE_PERMIT}
    told = [(each["table"], each["log_level"]) for each in logs if each["event"] == "stored_row_unreadable"]
    assert {"versions", "search_documents"} <= {table for table, _ in told}
    assert {level for _, level in told} == {"error"}
    assert await ready(spoilt) == {"answered": 200, "status": "ready", "unreadable_versions": 1, "unreadable_entries": 1}


async def test_a_version_that_follows_mends_it(spoilt: Desk) -> None:
    await spoilt.get("/metrics/catalogue")
    document = seed(DOG)
    document["matters"][0]["visits"] = 1
    assert (await spoilt.take(document)).status_code == 200
    assert (await spoilt.get("/metrics/catalogue")).status_code == 200
    assert [each["name"] for each in await spoilt.found("养狗证")][:1] == ["犬类准养证核发"]
    said = await ready(spoilt)
    assert (said["unreadable_versions"], said["unreadable_entries"]) == (0, 0)
