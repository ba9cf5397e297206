"""What supervisors see and say, and the calendar that everything is counted by."""

from typing import Annotated

from fastapi import Path, Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CardId, CreditCode, TaskCode
from services.application.commands import calendars, cards
from services.application.queries import supervision as queries
from services.application.routes.dependencies import Supervised

router = Router()

_READ = guard(Permission.CARD_READ, audience=Audience.OPERATOR)
_IMPORT = guard(Permission.CALENDAR_IMPORT, audience=Audience.OPERATOR)


@router.get("/supervision-rules", **_READ)
async def rules() -> list[api.SupervisionRule]:
    """On what, and under which condition, cards are raised."""
    return queries.all_rules()


@router.get("/cards", **_READ)
async def listed(
    scope: Supervised,
    database: Database,
    rule: api.RuleCode | None = None,
    colour: api.Colour | None = None,
    answered: bool | None = None,
    agency: CreditCode | None = None,
    before: CardId | None = None,
) -> Page[api.Card]:
    """Cards of the cases of our division or agency, of the whole city for operators, newest first."""
    async with database.reading() as session:
        return await queries.supervised(session, scope, rule=rule, colour=colour, is_answered=answered, agency=agency, before=before)


@router.post(
    "/cards/{card_id}/answer", status_code=200, response_model=api.Card, **guard(Permission.CARD_ANSWER, audience=Audience.OPERATOR)
)
async def answer(
    card_id: Annotated[CardId, Path()], body: api.AnswerCard, scope: Supervised, caller: Caller, clock: Clock, once: Once
) -> Response:
    """Say why it came to this and what was done. A card is answered once and stays."""
    officer = caller.required_officer()

    async def work(session: WriteSession) -> api.Card:
        await cards.answer_card(session, card_id, scope, body.answer, by=officer, at=clock.now())
        return await queries.one_card(session, card_id)

    return await once.answer(work)


@router.get("/calendars", **guard(Permission.CALENDAR_READ, audience=Audience.OPERATOR))
async def versions(database: Database, before: Annotated[int | None, Query(ge=1, le=2**62)] = None) -> Page[api.CalendarVersion]:
    """Versions of the calendar, newest first: notices of years, and office hours."""
    async with database.reading() as session:
        return await queries.versions(session, before=before)


@router.post("/calendars", status_code=201, response_model=api.CalendarVersion, **_IMPORT)
async def import_notice(body: api.ImportNotice, caller: Caller, clock: Clock, once: Once) -> Response:
    """Import the holidays of a year. Open cases are counted again, and each that changes says why."""
    officer = caller.required_officer()

    async def work(session: WriteSession) -> api.CalendarVersion:
        return await queries.version(session, await calendars.import_notice(session, body, by=officer, at=clock.now()))

    return await once.answer(work, status=201)


@router.post("/office-hours", status_code=201, response_model=api.CalendarVersion, **_IMPORT)
async def set_hours(body: api.SetHours, caller: Caller, clock: Clock, once: Once) -> Response:
    """Set the office hours of a unit, or of all that have none of their own. Open cases are counted again."""
    officer = caller.required_officer()

    async def work(session: WriteSession) -> api.CalendarVersion:
        return await queries.version(session, await calendars.set_hours(session, body, by=officer, at=clock.now()))

    return await once.answer(work, status=201)


@router.get("/promise-recounts", **guard(Permission.PROMISE_RECOUNT, audience=Audience.OPERATOR))
async def promise_recount(
    scope: Supervised,
    database: Database,
    task_code: TaskCode,
    month: api.Month,
    promised_working_days: Annotated[int, Query(ge=0, le=365)],
) -> api.PromiseRecount:
    """How many of the cases of a matter decided in a month would have been late, had so many working days been promised."""
    async with database.reading() as session:
        return await queries.promise_recount(session, task_code, month, promised_working_days, scope)
