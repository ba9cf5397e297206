"""Work lists of those who handle cases, and what their officers are limited to."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from chassis.http import Audience, Caller, Clock, Database, Known, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Instant, Page
from contracts.values import BasicCode, CaseNumber, CreditCode, DivisionCode, Grade, OfficerId
from services.application.commands import scopes as commands
from services.application.domain.case import Scope
from services.application.queries import finding, scopes, work
from services.application.repository import Cases
from services.application.routes.dependencies import Unit, Within, disclosed

router = Router()

_READ: Final = guard(Permission.WORK_READ, audience=Audience.PARTY, grade=Grade.INTERNAL)
_PRIVATE: Final = "private, no-cache"
_EXPORTED_AT_ONCE: Final = 500
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


async def _filters(
    clock: Clock,
    matter: Annotated[list[BasicCode] | None, Query(max_length=200)] = None,
    status: Annotated[list[api.Status] | None, Query(max_length=15)] = None,
    due_after: Instant | None = None,
    due_before: Instant | None = None,
    overdue: bool = False,
    card: api.Colour | None = None,
    agency: CreditCode | None = None,
    division: DivisionCode | None = None,
    sort: Literal["due", "submitted"] = "due",
    after: Annotated[str | None, Query(pattern=work.PLACE)] = None,
) -> work.Filters:
    now = clock.now()
    return work.Filters(
        matters=frozenset(matter) if matter else None,
        statuses=frozenset(status) if status else None,
        due_after=due_after,
        due_before=min(due_before or now, now) if overdue else due_before,
        card=card,
        agency=agency,
        division=division,
        sort=sort,
        after=after,
    )


Wanted = Annotated[work.Filters, Depends(_filters)]


@router.get("/work-list", response_model=api.WorkList, **_READ)
async def work_list(scope: Within, wanted: Wanted, database: Database, known: Known) -> Response:
    """The cases that wait for us, 100 a page, by when they are due or newest first, with how many there are.

    Filtered by matters, statuses, dues, open cards, agency and division; an officer who is limited to matters sees those.
    """
    async with database.reading() as session:
        listed = await work.page(session, scope, wanted, is_counted=wanted.after is None)
    said: dict[str, Any] = {"items": listed.items, "next": listed.next}
    if listed.count is not None:
        said |= {"count": min(listed.count, work.COUNTED), "is_count_exact": listed.count <= work.COUNTED}
    # To check a hundred rows of our own again would cost more than reading them.
    return known.answer(orjson.dumps(said), cache=_PRIVATE)


@router.get("/work-list/export", response_class=Response, **_READ)
async def export(
    scope: Within,
    wanted: Wanted,
    database: Database,
    format: Literal["csv", "ndjson"] = "csv",  # noqa: A002 (the name in the query)
) -> Response:
    """The whole list with the same filters, as a stream of lines; a spreadsheet takes no cell of it for a formula."""
    media_type = "text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson"
    headers = {"content-disposition": f'attachment; filename="work-list.{format}"', "cache-control": _PRIVATE}
    return StreamingResponse(_lines(scope, wanted, database, is_csv=format == "csv"), headers=headers, media_type=media_type)


async def _lines(scope: Scope, wanted: work.Filters, database: Database, *, is_csv: bool) -> AsyncIterator[bytes]:
    """Page by page, so that no connection waits for a slow reader."""
    place = wanted.after
    if is_csv:
        yield _csv_line(api.WorkItem.model_fields)
    while True:
        async with database.reading() as session:
            listed = await work.page(session, scope, replace(wanted, after=place), size=_EXPORTED_AT_ONCE)
        if listed.items:
            yield b"".join(
                _csv_line(each.values()) if is_csv else orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in listed.items
            )
        if (place := listed.next) is None:
            return


def _csv_line(values: Iterable[object]) -> bytes:
    """Source: RFC 4180; a cell that begins like a formula is text."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell[:1] in _FORMULAS else cell for cell in map(_cell, values)])
    return line.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


@router.post("/work-list/search", **_READ)
async def search(body: api.FindCases, scope: Within, database: Database, sealer: Sealer) -> list[api.WorkItem]:
    """The newest cases that we see with this number, matter or applicant, at most 100. What is searched for is in no address."""
    async with database.reading() as session:
        return await finding.found(session, scope, body, sealer)


@router.get("/cases/{number}/related", **guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.PERSONAL))
async def related(
    number: Annotated[CaseNumber, Path()], scope: Within, database: Database, sealer: Sealer, response: Response
) -> list[api.WorkItem]:
    """Other cases of the same applicant, of those that we see, newest first."""
    async with database.reading() as session:
        case = await Cases(session, sealer).within(number, scope)
        items = await finding.related(session, scope, case)
    disclosed(response, case.applicant, purpose=number, items=("其他办件 other cases",))
    return items


@router.get("/officer-scopes", **guard(Permission.STAFF_MANAGE, audience=Audience.PARTY, grade=Grade.INTERNAL))
async def limited(unit: Unit, database: Database, after: OfficerId | None = None) -> Page[api.OfficerScope]:
    """Our officers who are limited to matters; the others see all of the unit's."""
    async with database.reading() as session:
        return await scopes.scopes(session, unit.unit, after=after)


@router.post("/officer-scopes/{officer}", status_code=204, **guard(Permission.STAFF_MANAGE, audience=Audience.PARTY, grade=Grade.INTERNAL))
async def limit(officer: OfficerId, body: api.LimitOfficer, unit: Unit, caller: Caller, database: Database, clock: Clock) -> None:
    """Limit an officer of ours to matters, or let them see all again; it holds from their next request on."""
    by = caller.required_officer()
    async with database.transaction() as session:
        await commands.limit(session, unit.unit, officer, body.matters, by=by, at=clock.now())
