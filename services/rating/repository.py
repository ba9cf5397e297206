import json
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.sealing import Sealer
from chassis.working_days import Due
from contracts.api.rating import TagText
from contracts.values import CaseNumber, CreditCode, DivisionCode, OfficerId, OrganisationId, PersonId, RatingId, TaskCode, TicketId
from services.rating.domain import MISSED_PERIODS, NoSuchRating, NoSuchTicket, Rating, Reply, Said, Ticket, Unit, Waiting
from services.rating.tables import merged_persons, ratings, tickets

_AT_ONCE: Final = 50
_TAGS: Final = Path(__file__).parent / "seed" / "tags.json"


@cache
def known_tags() -> dict[str, TagText]:
    """The national evaluation items 评价项 by code, from the committed table."""
    return {row["code"]: TagText(**row) for row in json.loads(_TAGS.read_text())["tags"]}


class Tickets:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def add(self, ticket: Ticket) -> bool:
        """False when its case has one already."""
        query = upsert(tickets).values(asdict(ticket)).on_conflict_do_nothing(index_elements=["case_number"])
        return (await self._session.execute(query)).rowcount == 1

    async def move(self, person_id: PersonId, into: PersonId, at: datetime) -> None:
        """The person's tickets, present and to come, are those of another account. Twice is once."""
        row = {"person_id": person_id, "into": into, "merged_at": at}
        await self._session.execute(upsert(merged_persons).values(row).on_conflict_do_nothing())
        await self._session.execute(update(merged_persons).where(merged_persons.c.into == person_id).values(into=into))
        await self._session.execute(update(tickets).where(tickets.c.person_id == person_id).values(person_id=into))

    async def account_of(self, person_id: PersonId) -> PersonId:
        query = select(merged_persons.c.into).where(merged_persons.c.person_id == person_id)
        return PersonId((await self._session.execute(query)).scalar() or person_id)

    async def locked(self, ticket_id: TicketId, *, of: PersonId) -> Ticket:
        """Held until the transaction ends: who uses the ticket second sees it used.

        Raises NoSuchTicket for the missing and the foreign alike.
        """
        query = select(tickets).where(tickets.c.id == ticket_id, tickets.c.person_id == of).with_for_update()
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NoSuchTicket
        return _ticket(row)

    async def save_used(self, ticket: Ticket) -> None:
        await self._session.execute(update(tickets).where(tickets.c.id == ticket.id).values(used_at=ticket.used_at))


async def forget_merges(session: WriteSession, moment: datetime) -> int:
    return (await session.execute(delete(merged_persons).where(merged_persons.c.merged_at < moment))).rowcount


class Ratings:
    """Ratings with what people wrote sealed: it may hold anything about anybody."""

    def __init__(self, session: WriteSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(self, rating: Rating) -> None:
        said = rating.said
        row = {
            "id": rating.id,
            "ticket_id": rating.ticket.id,
            "task_code": rating.ticket.task_code,
            "agency": rating.ticket.agency,
            "division": rating.ticket.division,
            "stars": said.stars,
            "tags": list(said.tags),
            "text": None if said.text is None else self._sealer.seal(said.text),
            "is_anonymous": said.is_anonymous,
            "channel": said.channel,
            "state": rating.state,
            "rated_at": rating.rated_at,
            "reply_due_on": rating.reply_due.on if rating.reply_due else None,
            "is_due_provisional": rating.reply_due is not None and rating.reply_due.is_provisional,
        }
        await self._session.execute(insert(ratings).values(row))

    async def locked(self, rating_id: RatingId, *, of: Unit) -> Rating:
        """Held until the transaction ends. Raises NoSuchRating for the missing and another unit's alike."""
        query = (
            select(tickets, *(column.label(f"rating_{column.name}") for column in ratings.c))
            .join(ratings, ratings.c.ticket_id == tickets.c.id)
            .where(ratings.c.id == rating_id, answered_by(of))
            .with_for_update(of=ratings)
        )
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NoSuchRating
        return self._rating(row)

    async def save_reply(self, rating: Rating) -> None:
        assert rating.reply is not None
        values = {
            "state": rating.state,
            "reply_kind": rating.reply.kind,
            "reply_text": self._sealer.seal(rating.reply.text),
            "replied_by": rating.reply.by,
            "replied_at": rating.reply.at,
        }
        await self._session.execute(update(ratings).where(ratings.c.id == rating.id).values(values))

    def _rating(self, row: Row[Any]) -> Rating:
        due = Due(row.rating_reply_due_on, row.rating_is_due_provisional) if row.rating_reply_due_on else None
        return Rating(
            id=RatingId(row.rating_id),
            ticket=_ticket(row),
            said=Said(
                stars=row.rating_stars,
                tags=tuple(row.rating_tags),
                text=None if row.rating_text is None else self._sealer.open(row.rating_text),
                is_anonymous=row.rating_is_anonymous,
                channel=row.rating_channel,
            ),
            state=row.rating_state,
            rated_at=row.rating_rated_at,
            reply_due=due,
            reply=self._reply(row),
        )

    def _reply(self, row: Row[Any]) -> Reply | None:
        if row.rating_reply_kind is None:
            return None
        text = self._sealer.open(row.rating_reply_text)
        return Reply(row.rating_reply_kind, text, OfficerId(row.rating_replied_by), row.rating_replied_at)


async def longest_waiting(session: WriteSession, today: date) -> list[Waiting]:
    """Bad ratings that were to be answered before `today` and may have to be told of, those of other processes left out."""
    columns = (ratings.c.id, tickets.c.case_number, ratings.c.agency, ratings.c.reply_due_on, ratings.c.missed_periods)
    query = (
        select(*columns)
        .join(tickets, tickets.c.id == ratings.c.ticket_id)
        .where(ratings.c.state == "dispatched", ratings.c.missed_periods < MISSED_PERIODS, ratings.c.reply_due_on < today)
        .order_by(ratings.c.missed_periods, ratings.c.reply_due_on, ratings.c.id)
        .limit(_AT_ONCE)
        .with_for_update(of=ratings, skip_locked=True)
    )
    return [
        Waiting(RatingId(row.id), CaseNumber(row.case_number), CreditCode(row.agency), row.reply_due_on, row.missed_periods)
        for row in await session.execute(query)
    ]


async def save_missed(session: WriteSession, rating_id: RatingId, periods: int) -> None:
    await session.execute(update(ratings).where(ratings.c.id == rating_id).values(missed_periods=periods))


def answered_by(unit: Unit) -> ColumnElement[bool]:
    """The ratings that the unit is responsible for."""
    return ratings.c.agency == unit.agency if unit.agency else ratings.c.division == unit.division


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=TicketId(row.id),
        case_number=CaseNumber(row.case_number),
        person_id=PersonId(row.person_id),
        task_code=TaskCode(row.task_code),
        matter_name=row.matter_name,
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        division=DivisionCode(row.division),
        accepted_by=OfficerId(row.accepted_by),
        decided_by=OfficerId(row.decided_by),
        closed_at=row.closed_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        organisation_id=OrganisationId.read(row.organisation_id),
    )
