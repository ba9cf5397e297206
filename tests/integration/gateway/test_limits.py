"""What gateway processes admit together is never more than the limit, whatever happens to them and to the database."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from contracts.values import PartyId
from deploy.local.running import free_port
from gateway.registry.tables import allowances
from tests.integration.gateway.spender import SHARES, Process, Spending, elsewhere, process
from tests.support.eventually import eventually
from tests.support.station import running
from tests.support.wires import wire


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    return database_of("gateway.registry")


def spending(database: Database, **more: Any) -> Spending:
    said = {"party": str(PartyId.new()), "per_second": 60.0, "burst": 60, "seconds": 7.0, "port": free_port()}
    return Spending(database.url, **{**said, **more})


def summed(said: list[dict[str, Any]]) -> Counter[int]:
    windows: Counter[int] = Counter()
    for each in said:
        windows.update({int(starts): count for starts, count in each["windows"].items()})
    return windows


async def test_three_processes_never_admit_more_than_the_rate_and_use_nearly_all_of_it(database: Database) -> None:
    """Each calls far more often than all three may."""
    one = spending(database)
    said = await elsewhere(*(one for _ in range(3)))
    windows = summed(said)
    assert max(windows.values()) <= 60
    assert all(each["refusals"] > 0 and sum(each["windows"].values()) > 0 for each in said)
    settled = sorted(windows)[-4:-1]
    assert sum(windows[each] for each in settled) >= 0.8 * 60 * len(settled)
    # Calls are charged to the second in which they come, as the database counts seconds.
    assert max(each["outside"] for each in said) < 0.25


async def test_a_quota_of_the_day_and_one_of_a_purpose_are_never_exceeded_by_all_processes_together(database: Database) -> None:
    fast = {"per_second": 5000.0, "burst": 10_000, "pause_s": 0.01, "seconds": 4.0, "purposes": {"310000-2026-1": 60}}
    of_purpose = spending(database, per_day=1000, purpose="310000-2026-1", **fast)
    of_day = spending(database, per_day=120, **fast)
    said = await elsewhere(of_purpose, of_purpose, of_day, replace(of_day, purpose="310000-2026-1"))
    assert 0.8 * 60 <= sum(summed(said[:2]).values()) <= 60
    assert 0.8 * 120 <= sum(summed(said[2:]).values()) <= 120
    assert sum(summed(said[3:]).values()) <= 60


def drawn(one: Process, times: int) -> int:
    return sum(one.limits.draw(one.walk()) is None for _ in range(times))


async def test_a_process_that_starts_serves_the_very_first_call(database: Database) -> None:
    party = spending(database, per_second=1.0, burst=1000, per_day=10).registered()
    async with process(database, party, port=free_port()) as one:
        await one.leaser.turn()
        assert drawn(one, 1) == 1


@pytest.mark.parametrize("quota", [1, 2, 5, 20, 100])
async def test_one_process_gives_a_party_its_whole_day_to_the_last_call(database: Database, quota: int) -> None:
    party = spending(database, per_second=1000.0, burst=1000, per_day=quota).registered()
    async with process(database, party, port=free_port()) as one:
        admitted = 0
        for _ in range(quota + 5):
            await one.leaser.turn()
            admitted += drawn(one, 1)
        assert admitted == quota


async def test_a_process_that_was_killed_and_starts_anew_does_not_spend_its_share_again(database: Database) -> None:
    """It has the slot of the one before, and no share of a day that has begun."""
    party, port = spending(database, per_second=1000.0, burst=1000, per_day=100).registered(), free_port()
    admitted = 0
    for _ in range(12):
        async with process(database, party, port=port) as one:
            for _ in range(30):
                await one.leaser.turn()
                admitted += drawn(one, 5)
    async with database.reading() as session:
        assert (await session.execute(sa.text("SELECT array_agg(slot) FROM allowance_slots"))).scalar_one() == [0]
    assert 0 < admitted <= 100


async def test_what_was_not_spent_is_given_back_when_a_process_stops(database: Database) -> None:
    party = spending(database, per_second=1000.0, burst=1000, per_day=400).registered()
    spent = 0
    for _ in range(3):
        async with process(database, party, port=free_port()) as one:
            async with running(one.leaser.keep):
                await eventually(lambda one=one: drawn(one, 1) == 1)
            spent += 1
            assert drawn(one, 1) == 0
    async with database.reading() as session:
        leased = await session.execute(sa.select(sa.func.sum(allowances.c.leased)).where(allowances.c.policy == "party-day"))
        assert 1 <= leased.scalar_one() <= 3


async def test_with_the_database_away_processes_live_on_little_and_within_the_limit(database: Database) -> None:
    """Cut off, each goes on with what it holds, then with its share of every window; mended, it leases again."""
    said = spending(database, per_second=100.0, burst=100)
    party, share = said.registered(), 100 * 2 // 10 // SHARES
    async with wire(int(database.url.rpartition(":")[2].partition("/")[0])) as between:
        behind = Database(re.sub(r":[0-9]+/", f":{between.port}/", database.url))
        async with process(behind, party, port=said.port) as one, running(one.leaser.keep):
            await eventually(lambda: drawn(one, 1) and one.limits.shares.since < one.limits.now())
            between.cut()
            await eventually(lambda: drawn(one, 200) >= 0 and one.limits.is_away)
            rate = one.limits.book(party, "production", 0).rate

            def is_a_second_of_shares() -> bool:
                """Of a whole window without leases."""
                taken = drawn(one, 200)
                return taken == share and not rate.leased

            await eventually(is_a_second_of_shares)
            assert one.limits.draw(refused := one.walk()) is not None
            assert refused.limit["source"] == "local"
            between.mend()
            await eventually(lambda: not one.limits.is_away)
            assert await eventually(lambda: drawn(one, 200) > share)
        await behind.close()


async def test_a_process_that_starts_without_the_database_has_a_share_and_no_more() -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    party = Spending(nowhere.url, 0, str(PartyId.new()), 100.0, 100, 0.0, per_day=1000).registered()
    async with process(nowhere, party, port=free_port()) as one, running(one.leaser.keep):
        await eventually(lambda: one.limits.is_away)
        assert 1 <= drawn(one, 200) <= 2 * 5
    await nowhere.close()


async def test_more_processes_than_shares_have_none_and_lease_everything(database: Database) -> None:
    party, port = spending(database, per_second=1000.0, burst=1000, per_day=10_000).registered(), free_port()
    names = [process(database, party, port=port) for _ in range(SHARES + 1)]
    started = [await each.__aenter__() for each in names]
    for each in started:
        await each.leaser.turn()
    assert [each.limits.shares.slot for each in started] == [0, 1, 2, 3, None]
    assert drawn(started[-1], 1) == 1
    for each in names:
        await each.__aexit__(None, None, None)


async def test_a_lowered_quota_counts_what_was_leased_before(database: Database) -> None:
    said = spending(database, per_second=1000.0, burst=1000, per_day=1000)
    before, after = said.registered(), spending(database, party=said.party, per_second=1000.0, burst=1000, per_day=20).registered()
    async with process(database, before, port=said.port) as one:
        taken = 0
        while taken < 30:
            await one.leaser.turn()
            taken += drawn(one, 10)
        one.party = after
        for _ in range(5):
            assert drawn(one, 1) == 0
            await one.leaser.turn()


async def test_two_processes_that_ask_for_many_at_once_do_not_wait_for_each_other_in_a_circle(database: Database) -> None:
    parties = [spending(database, per_day=1000).registered() for _ in range(30)]

    async def many(order: int) -> None:
        async with process(database, parties[0], port=free_port()) as one:
            for _ in range(10):
                for party in parties[::order]:
                    one.party = party
                    drawn(one, 3)
                await one.leaser.turn()

    await asyncio.gather(many(1), many(-1))
