"""Cases as they move, for who may see them: server-sent events. Source: WHATWG HTML, 9.2 Server-sent events."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Header, Path, Request
from fastapi.responses import StreamingResponse

from chassis.http import Audience, Caller, Database, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import CaseNumber, Grade, OfficerId
from services.application.domain.sight import Viewer
from services.application.live import Live
from services.application.queries import moves
from services.application.repository import Cases
from services.application.routes.dependencies import Applicant, Within

router = Router()

_LIFE_S: Final = 300.0
"""Then the client comes again, and is asked again who it is and what it may see."""
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
_RETRY: Final = "retry: 2000\n\n"
_BEAT: Final = ": beat\n\n"


async def _live(request: Request) -> Live:
    live: Live = request.app.state.live
    return live


Watched = Annotated[Live, Depends(_live)]
LastSeen = Annotated[int | None, Header(alias="last-event-id", ge=0, le=2**62)]


@router.get(
    "/cases/{number}/events",
    response_class=StreamingResponse,
    **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL),
)
async def of_case(
    number: Annotated[CaseNumber, Path()],
    applicant: Applicant,
    database: Database,
    sealer: Sealer,
    live: Watched,
    last_event_id: LastSeen = None,
) -> StreamingResponse:
    """Every step of my case as it happens. With Last-Event-ID it goes on from there: a step may come twice and none is left out."""
    async with database.reading() as session:
        await Cases(session, sealer).of_applicant(number, applicant)
    who = applicant.actor or applicant.subject
    return await _stream(database, live, applicant, f"person {who}", last_event_id, number=number)


@router.get(
    "/work-list/events", response_class=StreamingResponse, **guard(Permission.WORK_READ, audience=Audience.PARTY, grade=Grade.INTERNAL)
)
async def of_work(scope: Within, caller: Caller, database: Database, live: Watched, last_event_id: LastSeen = None) -> StreamingResponse:
    """Every move of a case that we see, as it happens; goes on as that of a case does."""
    who = f"party {caller.required_party()} {caller.officer or ''}"
    return await _stream(database, live, scope, who, last_event_id, officer=caller.officer)


async def _stream(
    database: Database,
    live: Live,
    viewer: Viewer,
    who: str,
    last: int | None,
    *,
    number: CaseNumber | None = None,
    officer: OfficerId | None = None,
) -> StreamingResponse:
    lines = _lines(database, live, viewer, who, last, number, officer)
    # The first piece is asked for here, so that who is refused is told so and not by a stream that ends.
    first = await anext(lines)

    async def all_lines() -> AsyncIterator[str]:
        yield first
        async for line in lines:
            yield line

    return StreamingResponse(all_lines(), headers=_HEADERS, media_type="text/event-stream")


async def _lines(
    database: Database, live: Live, viewer: Viewer, who: str, last: int | None, number: CaseNumber | None, officer: OfficerId | None
) -> AsyncIterator[str]:
    async with live.watching(viewer, who, number=number, officer=officer) as stream:
        yield _RETRY
        # What moves while the past is read is held by the stream: twice rather than never.
        while last is not None:
            async with database.reading() as session:
                missed = await moves.since(session, viewer, last, number=number)
            yield "".join(map(_event, missed))
            last = missed[-1].id if len(missed) >= moves.AT_ONCE else None
        until = time.monotonic() + _LIFE_S
        while not stream.is_over and time.monotonic() < until:
            told = await stream.next(live.heartbeat_s)
            yield "".join(map(_event, told)) or _BEAT


def _event(move: api.Moved) -> str:
    return f"id: {move.id}\nevent: moved\ndata: {move.model_dump_json()}\n\n"
