"""A bad rating that nobody answers is told of: one minute before its day is over it is not, one minute after it is."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from contracts.events.rating import RatingReplyMissed
from contracts.values import PersonId
from services.rating.clockwork import one_pass
from tests.component.rating.users import Service
from tests.support.service import published

MINUTE = timedelta(minutes=1)


def midnight_after(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T16:00:00").replace(tzinfo=UTC)


async def pass_at(rating: Service, at: datetime) -> list[RatingReplyMissed]:
    """Everything that was told of missed replies once the worker has looked."""
    rating.passes(at - rating.clock.now())
    await one_pass(rating.database, rating.clock)
    return await published(rating.database, RatingReplyMissed)


async def test_a_deadline_is_missed_after_its_day_and_again_one_full_period_later(rating: Service, person: PersonId) -> None:
    """Rated on Tuesday the 24th of November: five working days, and five more."""
    rated = await rating.rated(person, 1)
    assert await pass_at(rating, midnight_after("2026-12-01") - MINUTE) == []
    [first] = await pass_at(rating, midnight_after("2026-12-01") + MINUTE)
    assert (first.rating_id, first.periods, first.due_on, first.missed_on) == (rated["rating_id"], 1, date(2026, 12, 1), date(2026, 12, 1))
    assert len(await pass_at(rating, midnight_after("2026-12-08") - MINUTE)) == 1
    second = (await pass_at(rating, midnight_after("2026-12-08") + MINUTE))[1]
    assert (second.periods, second.due_on, second.missed_on) == (2, date(2026, 12, 1), date(2026, 12, 8))
    assert len(await pass_at(rating, midnight_after("2027-03-01"))) == 2


async def test_who_answers_on_the_last_day_missed_nothing(rating: Service, person: PersonId) -> None:
    rated = await rating.rated(person, 2)
    rating.passes(midnight_after("2026-12-01") - MINUTE - rating.clock.now())
    assert (await rating.reply(rated["rating_id"])).status_code == 200
    assert await pass_at(rating, midnight_after("2026-12-31")) == []


async def test_a_good_rating_waits_for_nobody(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 3)
    assert await pass_at(rating, midnight_after("2026-12-31")) == []


async def test_an_answer_in_between_ends_it(rating: Service, person: PersonId) -> None:
    rated = await rating.rated(person, 1)
    assert len(await pass_at(rating, midnight_after("2026-12-01") + MINUTE)) == 1
    assert (await rating.reply(rated["rating_id"])).status_code == 200
    assert len(await pass_at(rating, midnight_after("2026-12-31"))) == 1


async def test_what_a_worker_that_was_away_missed_is_told_in_its_order_by_one_of_several(rating: Service, person: PersonId) -> None:
    for _ in range(3):
        await rating.rated(person, 1)
    rating.passes(midnight_after("2026-12-31") - rating.clock.now())
    await asyncio.gather(*(one_pass(rating.database, rating.clock) for _ in range(3)))
    told = await pass_at(rating, rating.clock.now())
    assert sorted(each.periods for each in told) == [1, 1, 1, 2, 2, 2]
    assert len({(each.rating_id, each.periods) for each in told}) == 6
    assert [each.periods for each in told if each.rating_id == told[0].rating_id] == [1, 2]
