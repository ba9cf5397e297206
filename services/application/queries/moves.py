"""What moved, as it is told to those who watch."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, select

from chassis.database import ReadSession
from contracts.api import application as api
from contracts.values import CaseNumber
from services.application.domain.lifecycle import Act
from services.application.domain.sight import Seen, Viewer
from services.application.repository import sight
from services.application.tables import cases, history

# A transaction takes its place in the history before it commits, and is ended by the server when it takes longer than this.
_LATEST_COMMIT: Final = timedelta(seconds=30)
AT_ONCE: Final = 400
"""Whoever reads so many at once reads on."""
_LATE: Final = 200
_COLUMNS: Final = (
    history.c.id, history.c.at, history.c.act, history.c.to_status, cases.c.number, cases.c.division, cases.c.agency,
    cases.c.task_code, cases.c.person_id, cases.c.organisation_id, cases.c.status, cases.c.receiving_unit, cases.c.receiving_division,
    cases.c.delivering_division,
)  # fmt: skip


async def moved(session: ReadSession, ids: Sequence[int]) -> list[tuple[api.Moved, Seen]]:
    """These records, with what decides who is told of them."""
    rows = await session.execute(_moves().where(history.c.id.in_(ids)))
    return [(_moved(row), _seen(row)) for row in rows]


async def since(session: ReadSession, viewer: Viewer, last: int, *, number: str | None) -> list[api.Moved]:
    """What the viewer sees of what came after record `last`, oldest first.

    Also what has an earlier place and was committed later: what may be told twice is not lost.
    """
    known = select(history.c.at - _LATEST_COMMIT).where(history.c.id == last).scalar_subquery()
    late = (history.c.id < last) & (history.c.id > last - _LATE) & (history.c.at >= known)
    query = _moves().where(sight.visible(viewer), (history.c.id > last) | late).limit(AT_ONCE)
    if number:
        query = query.where(cases.c.number == number)
    return [_moved(row) for row in await session.execute(query)]


def _moves() -> Select[Any]:
    return select(*_COLUMNS).join(cases, cases.c.id == history.c.case_id).order_by(history.c.id)


def _moved(row: Row[Any]) -> api.Moved:
    act = Act(row.act)
    return api.Moved(id=row.id, number=CaseNumber(row.number), at=row.at, event=row.act, zh=act.zh, en=act.en, status=row.to_status)


def _seen(row: Row[Any]) -> Seen:
    return Seen(
        division=row.division,
        agency=row.agency,
        matter=row.task_code[19:],
        person=row.person_id,
        organisation=row.organisation_id,
        status=row.status,
        taking_in=frozenset({row.receiving_unit, row.receiving_division}),
        handing_out=frozenset({row.delivering_division}),
    )
