"""The feed of moves: written with them, read by a cursor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Select, Text, cast, func, insert, select, tuple_

from chassis.database import WriteSession, put
from contracts.values import CreditCode, DivisionCode
from services.application.domain.case import Case, Scope
from services.application.domain.lifecycle import Act
from services.application.repository import sight
from services.application.tables import TransactionId, dispatches

COLUMNS: Final = sight.Columns(dispatches.c.division, dispatches.c.agency, sight.matter_of(dispatches.c.number))
_ADD: Final = insert(dispatches)
_OWN: Final = func.pg_current_xact_id(type_=TransactionId())
SETTLED: Final = dispatches.c.written_by < func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
"""Of transactions of which none that old can still commit."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader of the feed is: the writing transaction and the id of the last row seen."""

    transaction: int = 0
    id: int = 0


async def add_dispatch(
    session: WriteSession,
    case: Case,
    act: Act,
    agency: CreditCode | None,
    division: DivisionCode | None,
    *,
    is_new: bool = False,
    at: datetime,
) -> None:
    """In the transaction of the move, which is that of the case's submission if the case `is_new`.

    A transaction that began to write before an earlier move of the case did, and waited for it, comes behind it all the same.
    """
    row = {
        "number": case.number,
        "revision": case.revision,
        "reason": act.value,
        "status": case.status.value,
        "agency": agency,
        "division": division,
        "at": at,
    }
    if is_new:
        await put(session, _ADD, row)
        return
    earlier = select(dispatches.c.written_by).where(dispatches.c.number == case.number)
    last = earlier.order_by(dispatches.c.written_by.desc()).limit(1).scalar_subquery()
    await session.execute(_ADD.values(row | {"written_by": func.greatest(_OWN, last)}))


async def tell_beside(session: WriteSession, case: Case, act: Act, *, is_new: bool = False, at: datetime) -> None:
    """Of the districts that take the case in or hand its result out where another one decides. Most cases have none, at no cost."""
    beside = {case.receiving_division, case.delivering_division} - {None, case.division}
    for division in sorted(filter(None, beside)):
        await add_dispatch(session, case, act, None, division, is_new=is_new, at=at)


def following(scope: Scope, after: Place, *, limit: int) -> Select[Any]:
    """The next rows for these handlers, of settled transactions only: later commits cannot break into their order (ADR-0016)."""
    place = tuple_(dispatches.c.written_by, dispatches.c.id)
    start = tuple_(cast(cast(str(after.transaction), Text), TransactionId), cast(after.id, BigInteger))
    return (
        select(dispatches, cast(dispatches.c.written_by, Text).label("transaction"))
        .where(sight.decided(scope, COLUMNS), SETTLED, place > start)
        .order_by(dispatches.c.written_by, dispatches.c.id)
        .limit(limit)
    )
