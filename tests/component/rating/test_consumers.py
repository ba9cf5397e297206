"""A closed case earns one ticket, however often and by whatever road it is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from chassis.messaging import Delivery
from contracts.events.application import CaseNotAccepted, CaseTerminated, CaseWithdrawn
from contracts.events.identity import PersonMerged
from contracts.events.rating import RatingInvited
from contracts.values import EventId, PersonId
from services.rating import consumers
from services.rating.repository import forget_merges
from services.rating.tables import outbox, tickets
from tests.component.rating.users import Service, signed_in
from tests.support.service import Feed, published

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_closed_case_mints_a_ticket_with_the_facts_of_the_case(rating: Service, person: PersonId) -> None:
    closed = rating.case(person)
    await rating.feed.deliver(closed, at=rating.clock.now())
    async with rating.database.reading() as session:
        row = (await session.execute(sa.select(tickets))).one()
    shared = ("person_id", "task_code", "matter_name", "agency", "agency_name", "division", "accepted_by", "decided_by", "closed_at")
    assert {name: getattr(row, name) for name in shared} == {name: getattr(closed, name) for name in shared}
    assert row.case_number == closed.number
    assert row.division == closed.agency.division
    assert row.expires_at == closed.closed_at + timedelta(days=30)
    assert row.used_at is None


async def test_the_person_is_invited(rating: Service, person: PersonId) -> None:
    closed = rating.case(person)
    await rating.feed.deliver(closed, at=rating.clock.now())
    [invited] = await published(rating.database)
    assert isinstance(invited, RatingInvited)
    assert (invited.case_number, invited.person_id) == (closed.number, person)
    assert invited.expires_at == closed.closed_at + timedelta(days=30)


async def test_the_invitation_continues_the_trace_of_the_case(rating: Service, person: PersonId) -> None:
    # Handed over outside any span, so that only the delivery can be where the trace comes from.
    delivery = Delivery(
        event=rating.case(person),
        event_id=EventId.new(),
        occurred_at=rating.clock.now(),
        at=rating.clock.now(),
        trace=TRACE,
        neighbours=rating.settings,
    )
    async with rating.database.transaction() as session:
        await consumers.invite(delivery, session)
    async with rating.database.reading() as session:
        assert (await session.execute(sa.select(outbox.c.trace))).scalar_one() == TRACE


async def test_a_second_delivery_changes_nothing(rating: Service, person: PersonId) -> None:
    closed, event_id = rating.case(person), EventId.new()
    for _ in range(2):
        await rating.feed.deliver(closed, at=rating.clock.now(), event_id=event_id)
    assert len(await published(rating.database, RatingInvited)) == 1
    assert rating.feed.letters.verdicts == []


async def test_a_case_told_as_closed_by_another_event_keeps_its_one_ticket(rating: Service, person: PersonId) -> None:
    closed = rating.case(person)
    for _ in range(2):
        await rating.feed.deliver(closed, at=rating.clock.now())
    [invitation] = (await rating.get("/ratings/invitations", signed_in(person))).json()
    [invited] = await published(rating.database, RatingInvited)
    assert invitation["ticket_id"] == invited.ticket_id
    assert rating.feed.letters.verdicts == []


async def test_a_case_closed_again_after_it_was_rated_cannot_be_rated_again(rating: Service, person: PersonId) -> None:
    closed = rating.case(person)
    await rating.feed.deliver(closed, at=rating.clock.now())
    [invitation] = (await rating.get("/ratings/invitations", signed_in(person))).json()
    await rating.post("/ratings", signed_in(person), {"ticket_id": invitation["ticket_id"], "stars": 5})
    await rating.feed.deliver(closed, at=rating.clock.now())
    [still] = (await rating.get("/ratings/invitations", signed_in(person))).json()
    assert still == {**invitation, "is_used": True}


async def test_the_life_of_a_ticket_is_a_setting(rating: Service, person: PersonId) -> None:
    settings = rating.settings.model_copy(update={"ticket_life_days": 7})
    feed = Feed.of(consumers.subscriptions, rating.database, rating.clock, settings)
    closed = rating.case(person)
    await feed.deliver(closed, at=rating.clock.now())
    [invited] = await published(rating.database, RatingInvited)
    assert invited.expires_at == closed.closed_at + timedelta(days=7)


async def test_what_a_merged_account_may_rate_is_the_other_account_s(rating: Service, person: PersonId) -> None:
    into = PersonId.new()
    merged = PersonMerged(person_id=person, into=into, merged_at=rating.clock.now())
    await rating.feed.deliver(rating.case(person), at=rating.clock.now())
    await rating.feed.deliver(merged, at=rating.clock.now())
    await rating.feed.deliver(merged, at=rating.clock.now())
    # On its way when the accounts became one.
    await rating.feed.deliver(rating.case(person), at=rating.clock.now())
    assert len((await rating.get("/ratings/invitations", signed_in(into))).json()) == 2
    assert (await rating.get("/ratings/invitations", signed_in(person))).json() == []
    assert rating.feed.letters.verdicts == []


async def test_an_account_that_became_part_of_two_in_turn_is_the_last_one_s(rating: Service, person: PersonId) -> None:
    second, third = PersonId.new(), PersonId.new()
    for old, new in ((person, second), (second, third)):
        await rating.feed.deliver(PersonMerged(person_id=old, into=new, merged_at=rating.clock.now()), at=rating.clock.now())
    await rating.feed.deliver(rating.case(person), at=rating.clock.now())
    assert len((await rating.get("/ratings/invitations", signed_in(third))).json()) == 1


async def test_merges_are_remembered_for_their_time(rating: Service, person: PersonId) -> None:
    await rating.feed.deliver(PersonMerged(person_id=person, into=PersonId.new(), merged_at=rating.clock.now()), at=rating.clock.now())
    async with rating.database.transaction() as session:
        assert await forget_merges(session, rating.clock.now()) == 0
        assert await forget_merges(session, rating.clock.now() + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("kind", [CaseNotAccepted, CaseWithdrawn, CaseTerminated], ids=lambda kind: kind.TYPE)
async def test_nobody_is_invited_to_rate_a_case_that_ended_without_a_decision(
    rating: Service, person: PersonId, kind: type[CaseNotAccepted | CaseWithdrawn | CaseTerminated]
) -> None:
    closed = rating.case(person)
    facts = {name: getattr(closed, name) for name in ("number", "task_code", "agency", "division")}
    why = {"kind": "not_needed"} if kind is CaseNotAccepted else {}
    await rating.feed.deliver(kind.model_validate({**facts, **why, "ended_at": rating.clock.now()}), at=rating.clock.now())
    assert rating.feed.letters.verdicts == []
    assert (await rating.get("/ratings/invitations", signed_in(person))).json() == []
    assert await published(rating.database) == []
