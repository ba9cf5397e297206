from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, true

from chassis.database import ReadSession
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api import rating as api
from contracts.api.file import FileField, FileRecord, FileSection
from contracts.strict import Page
from contracts.values import CaseNumber, CreditCode, DivisionCode, Id, OrganisationId, PersonId, RatingId, TaskCode, TicketId
from services.rating.domain import LEVELS, Rating, Unit, masked
from services.rating.repository import answered_by, known_tags
from services.rating.tables import ratings, tickets

_PAGE: Final = 20


async def invitations(session: ReadSession, person_id: PersonId, *, due_at: datetime | None = None) -> list[api.Invitation]:
    """The person's tickets, newest first; of those with `due_at` only the ones that may still be used then."""
    return await _invitations(session, tickets.c.person_id == person_id, due_at)


async def invitations_of(
    session: ReadSession, organisation_id: OrganisationId, *, matters: Collection[str], due_at: datetime | None = None
) -> list[api.Invitation]:
    """The tickets for cases of an organisation, newest first, of these matters only where some are named by basic code."""
    of_matters = or_(*(tickets.c.task_code.endswith(each) for each in matters)) if matters else true()
    return await _invitations(session, and_(tickets.c.organisation_id == organisation_id, of_matters), due_at)


async def _invitations(session: ReadSession, whose: ColumnElement[bool], due_at: datetime | None) -> list[api.Invitation]:
    query = select(tickets).where(whose).order_by(tickets.c.id.desc())
    if due_at is not None:
        query = query.where(tickets.c.used_at.is_(None), tickets.c.expires_at > due_at)
    return [
        api.Invitation(
            ticket_id=TicketId(row.id),
            case_number=CaseNumber(row.case_number),
            matter_name=row.matter_name,
            agency_name=row.agency_name,
            expires_at=row.expires_at,
            is_used=row.used_at is not None,
        )
        for row in await session.execute(query)
    ]


async def mine(session: ReadSession, person_id: PersonId, sealer: Sealer) -> list[api.OwnRating]:
    """What the person wrote, word for word, newest first."""
    query = _with_ticket().where(tickets.c.person_id == person_id).order_by(ratings.c.id.desc())
    return [
        api.OwnRating(
            rating_id=RatingId(row.id),
            case_number=CaseNumber(row.case_number),
            matter_name=row.matter_name,
            stars=row.stars,
            text=_opened(row.text, sealer),
            state=row.state,
            rated_at=row.rated_at,
            reply=_reply(row, sealer),
        )
        for row in await session.execute(query)
    ]


async def file(session: ReadSession, subject_id: Id, sealer: Sealer, *, before: RatingId | None, reveal: bool) -> FileSection:
    """What the subject wrote and what was replied, newest first; `before` is the last rating of the page before."""
    query = _with_ticket().where(tickets.c.person_id == subject_id).order_by(ratings.c.id.desc()).limit(_PAGE + 1)
    if before:
        query = query.where(ratings.c.id < before)
    rows = (await session.execute(query)).all()
    return FileSection(items=[_filed(row, sealer, reveal=reveal) for row in rows[:_PAGE]], next=_next(rows))


def _filed(row: Row[Any], sealer: Sealer, *, reveal: bool) -> FileRecord:
    zh, en = LEVELS[row.stars]
    fields = [
        FileField(name="case", title="办件编号 case", value=row.case_number, source="application", at=row.rated_at),
        FileField(name="stars", title="评价等级 stars", value=f"{row.stars} {zh} {en}", source="applicant", at=row.rated_at),
        FileField(name="state", title="评价状态 state", value=row.state, source="rating", at=row.replied_at or row.rated_at),
    ]
    said = ("text", "评价内容 text", row.text, "applicant", row.rated_at)
    replied = ("reply", "答复 reply", row.reply_text, row.agency_name, row.replied_at)
    for name, title, sealed, source, at in (said, replied):
        if sealed is not None:
            fields.append(FileField.personal(name, title, sealer.open(sealed), source=source, at=at, reveal=reveal))
    return FileRecord(id=row.id, title=row.matter_name, fields=fields)


async def tasks(session: ReadSession, unit: Unit, sealer: Sealer, *, after: RatingId | None, today: date) -> Page[api.Task]:
    """What waits for the unit's reply, longest waiting first.

    A list of what waits now, not a feed: who comes back starts again without `after`.
    """
    query = _with_ticket().where(ratings.c.state == "dispatched", answered_by(unit)).order_by(ratings.c.id).limit(_PAGE + 1)
    if after:
        query = query.where(ratings.c.id > after)
    rows = (await session.execute(query)).all()
    return Page(items=[_task(row, sealer, today) for row in rows[:_PAGE]], next=_next(rows))


async def published(
    session: ReadSession, sealer: Sealer, *, agency: CreditCode | None, task_code: TaskCode | None, after: RatingId | None
) -> Page[api.PublicRating]:
    """Every rating with its reply, newest first, as everybody may see it. A bad one is never held back."""
    query = _with_ticket().order_by(ratings.c.id.desc()).limit(_PAGE + 1)
    if agency:
        query = query.where(ratings.c.agency == agency)
    if task_code:
        query = query.where(ratings.c.task_code == task_code)
    if after:
        query = query.where(ratings.c.id < after)
    rows = (await session.execute(query)).all()
    return Page(items=[_public(row, sealer) for row in rows[:_PAGE]], next=_next(rows))


def tags() -> list[api.TagText]:
    """The evaluation items, best stars first."""
    return sorted(known_tags().values(), key=lambda tag: (-int(tag.code[0]), tag.code))


def submitted(rating: Rating) -> api.Submitted:
    return api.Submitted(
        rating_id=rating.id,
        case_number=rating.ticket.case_number,
        task_code=rating.ticket.task_code,
        stars=rating.said.stars,
        level_zh=LEVELS[rating.said.stars][0],
        state=rating.state,
        reply_due_on=rating.reply_due.on if rating.reply_due else None,
        is_due_provisional=rating.reply_due is not None and rating.reply_due.is_provisional,
    )


def _with_ticket() -> Select[Any]:
    facts = (tickets.c.case_number, tickets.c.matter_name, tickets.c.agency_name, tickets.c.accepted_by, tickets.c.decided_by)
    return select(ratings, *facts).join(tickets, tickets.c.id == ratings.c.ticket_id)


def _next(rows: Any) -> str | None:
    return rows[_PAGE - 1].id if len(rows) > _PAGE else None


def _masked(text: str | None, row: Row[Any]) -> str | None:
    officers = {row.accepted_by, row.decided_by, row.replied_by} - {None}
    return text and masked(text, hiding=(row.case_number, *officers))


def _opened(sealed: bytes | None, sealer: Sealer) -> str | None:
    return None if sealed is None else sealer.open(sealed)


def _task(row: Row[Any], sealer: Sealer, today: date) -> api.Task:
    return api.Task(
        rating_id=RatingId(row.id),
        case_number=CaseNumber(row.case_number),
        task_code=TaskCode(row.task_code),
        matter_name=row.matter_name,
        agency=CreditCode(row.agency),
        division=DivisionCode(row.division),
        stars=row.stars,
        tags=[known_tags()[code] for code in row.tags],
        text=_masked(_opened(row.text, sealer), row),
        rated_at=row.rated_at,
        reply_due_on=row.reply_due_on,
        is_due_provisional=row.is_due_provisional,
        is_overdue=today > row.reply_due_on,
    )


def _public(row: Row[Any], sealer: Sealer) -> api.PublicRating:
    reply = _reply(row, sealer)
    zh, en = LEVELS[row.stars]
    return api.PublicRating(
        rating_id=RatingId(row.id),
        matter_name=row.matter_name,
        task_code=TaskCode(row.task_code),
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        stars=row.stars,
        level_zh=zh,
        level_en=en,
        tags=[known_tags()[code] for code in row.tags],
        text=_masked(_opened(row.text, sealer), row),
        rated_on=local_day(row.rated_at),
        reply=reply and reply.model_copy(update={"text": _masked(reply.text, row)}),
    )


def _reply(row: Row[Any], sealer: Sealer) -> api.PublicReply | None:
    if row.reply_kind is None:
        return None
    return api.PublicReply(kind=row.reply_kind, text=sealer.open(row.reply_text), replied_at=row.replied_at)
