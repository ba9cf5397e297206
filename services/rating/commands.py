from datetime import datetime, timedelta

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from chassis.working_days import known, local_day
from contracts.api import rating as api
from contracts.events.application import CaseClosed
from contracts.events.identity import PersonMerged
from contracts.events.rating import RatingInvited, RatingReplied, RatingReplyMissed, RatingSubmitted
from contracts.values import OfficerId, PersonId, RatingId, TicketId
from services.rating.domain import Rating, Reply, Said, Ticket, Unit
from services.rating.repository import Ratings, Tickets, known_tags, longest_waiting, save_missed


async def invite(session: WriteSession, closed: CaseClosed, *, life: timedelta, at: datetime, trace: str | None) -> None:
    """A ticket for the closed case, unless it has one."""
    ticket = Ticket(
        id=TicketId.new(),
        case_number=closed.number,
        person_id=await Tickets(session).account_of(closed.person_id),
        task_code=closed.task_code,
        matter_name=closed.matter_name,
        agency=closed.agency,
        agency_name=closed.agency_name,
        division=closed.division,
        accepted_by=closed.accepted_by,
        decided_by=closed.decided_by,
        closed_at=closed.closed_at,
        expires_at=closed.closed_at + life,
        organisation_id=closed.organisation_id,
    )
    if await Tickets(session).add(ticket):
        invited = RatingInvited(
            ticket_id=ticket.id, case_number=ticket.case_number, person_id=ticket.person_id, expires_at=ticket.expires_at
        )
        await publish(session, invited, at=at, trace=trace)


async def submit(session: WriteSession, body: api.Submit, sealer: Sealer, *, by: PersonId, at: datetime) -> Rating:
    """Rate a case with its ticket. Raises NoSuchTicket, TicketWasUsed, TicketHasExpired, TagsDoNotFit."""
    ticket = (await Tickets(session).locked(body.ticket_id, of=by)).use(at=at)
    said = Said(body.stars, body.tags, body.text, body.is_anonymous, body.channel)
    rating = Rating.of(ticket, said, known=known_tags(), calendar=known(), at=at)
    await Tickets(session).save_used(ticket)
    await Ratings(session, sealer).add(rating)
    submitted = RatingSubmitted(
        rating_id=rating.id,
        case_number=ticket.case_number,
        task_code=ticket.task_code,
        agency=ticket.agency,
        officer=ticket.accepted_by,
        stars=said.stars,
    )
    await publish(session, submitted, at=at)
    return rating


async def reply(
    session: WriteSession, rating_id: RatingId, body: api.Reply, sealer: Sealer, *, unit: Unit, by: OfficerId, at: datetime
) -> Rating:
    """Answer a bad rating. Raises NoSuchRating, RatingNotAwaitingReply."""
    rating = (await Ratings(session, sealer).locked(rating_id, of=unit)).replied(Reply(body.kind, body.text, by, at))
    await Ratings(session, sealer).save_reply(rating)
    replied = RatingReplied(rating_id=rating.id, case_number=rating.ticket.case_number, agency=rating.ticket.agency, replied_at=at)
    await publish(session, replied, at=at)
    return rating


async def note_missed(session: WriteSession, *, at: datetime) -> int:
    """Tell of bad ratings whose time to answer has passed, some at a time, each period once; how many. The day itself is in time."""
    told, today = 0, local_day(at)
    for waiting in await longest_waiting(session, today):
        ends_on = waiting.ends_on(known())
        if ends_on < today:
            periods = waiting.missed_periods + 1
            await save_missed(session, waiting.rating_id, periods)
            missed = RatingReplyMissed(
                rating_id=waiting.rating_id,
                case_number=waiting.case_number,
                agency=waiting.agency,
                due_on=waiting.due_on,
                missed_on=ends_on,
                periods=periods,
            )
            await publish(session, missed, at=at)
            told += 1
    return told


async def move(session: WriteSession, merged: PersonMerged) -> None:
    """An account became part of another: what its person may rate is the other's. Ratings say what they said."""
    await Tickets(session).move(merged.person_id, merged.into, merged.merged_at)
