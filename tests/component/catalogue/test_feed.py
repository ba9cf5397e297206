"""The feed of changes: whoever polls it sees every published version once, in the order of each matter."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from contracts.api.catalogue import ChangeKind
from services.catalogue.queries.changes import PAGE
from services.catalogue.repository import changes as feed
from services.catalogue.tables import changes, versions
from tests.component.catalogue.conftest import DOG, Desk, seed
from tests.support import publishers
from tests.support.eventually import eventually

AT = datetime(2026, 11, 26, tzinfo=UTC)
PUBLISHERS = 8
ROUNDS = 10


async def page(desk: Desk, since: str) -> dict[str, Any]:
    answer = await desk.get(f"/matter-changes?since={since}")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def of_versions(desk: Desk) -> list[tuple[str, int]]:
    async with desk.database.reading() as session:
        rows = await session.execute(sa.select(versions.c.basic_code, versions.c.version))
        return [(row.basic_code, row.version) for row in rows]


async def test_a_polling_reader_misses_nothing_of_eight_processes_one_of_which_is_killed(seeded: Desk) -> None:
    matters = [json.dumps(each) for each in seed()["matters"][:6]]
    running = [
        publishers.started(seeded.database.url, matters, number=number, rounds=10_000 if number == 0 else ROUNDS)
        for number in range(PUBLISHERS)
    ]
    victim, others = running[0], running[1:]
    read: list[tuple[str, int]] = []
    cursor, polls, at_start = "0", 0, len(await of_versions(seeded))
    while True:
        is_over = not any(process.is_alive() for process in running)
        said = await page(seeded, cursor)
        read += [(each["basic_code"], each["version"]) for each in said["items"]]
        cursor, polls = said["next"], polls + 1
        if victim.is_alive() and len(read) > at_start + 2 * PUBLISHERS:
            victim.kill()
        if is_over and said["is_last"]:
            break
        await asyncio.to_thread(next(filter(lambda each: each.is_alive(), running), victim).join, 0.02)
    assert victim.exitcode == -9
    assert {process.exitcode for process in others} == {0}
    assert len(read) > at_start + len(others) * ROUNDS
    assert polls > 5
    assert len(read) == len(set(read))
    assert set(read) == set(await of_versions(seeded))
    for code in {code for code, _ in read}:
        numbers = [version for each, version in read if each == code]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_the_feed_comes_in_pages_and_goes_on_where_it_ended(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    first = await page(desk, "0")
    (change,) = first["items"]
    assert (change["basic_code"], change["version"], change["kind"], change["cursor"]) == (DOG, 1, "published", first["next"])
    assert change["from_at"] == change["at"]
    assert (await page(desk, first["next"])) == {"items": [], "next": first["next"], "is_last": True}
    async with desk.database.transaction() as session:
        row = {"basic_code": DOG, "version": 1, "kind": "suspended", "from_at": sa.func.now(), "at": sa.func.now()}
        await session.execute(sa.insert(changes).values([row] * PAGE))
    second = await page(desk, "0")
    assert (len(second["items"]), second["is_last"]) == (PAGE, False)
    third = await page(desk, second["next"])
    assert (len(third["items"]), third["is_last"]) == (1, True)


async def test_a_place_is_given_out_only_when_the_one_before_is_committed(desk: Desk) -> None:
    await desk.take(seed(DOG))
    start = (await page(desk, "0"))["next"]

    async def publish(kind: ChangeKind) -> None:
        async with desk.database.transaction() as session:
            await feed.record(session, [feed.Change(DOG, 1, kind, AT)], at=AT)

    async with desk.database.transaction() as session:
        await feed.record(session, [feed.Change(DOG, 1, "suspended", AT)], at=AT)
        second = asyncio.create_task(publish("resumed"))
        await eventually(lambda: _somebody_waits(desk))
        assert (await page(desk, start))["items"] == []
    await second
    assert [each["kind"] for each in (await page(desk, start))["items"]] == ["suspended", "resumed"]


async def _somebody_waits(desk: Desk) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with desk.database.reading() as session:
        return (await session.execute(sa.text(query))).scalar_one() == 1


async def test_a_cursor_that_is_none_is_refused(desk: Desk) -> None:
    for since in ("x", "-1", "9" * 30):
        assert (await desk.get(f"/matter-changes?since={since}")).status_code == 422, since
