from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Date, Select, Text, bindparam, delete, exists, literal, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import Database, Grouped, WriteSession
from chassis.http.idempotency import KEYS
from chassis.pace import Pace
from chassis.working_days import local_day
from contracts.values import CaseNumber, DivisionCode, PackageNumber, TaskCode
from services.application.tables import reservations, serials

_BUSY: Final = 40.0
_APART_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Wanted:
    """A number for the case of a request, counted on the day of `at`."""

    request: bytes
    task_code: TaskCode
    at: datetime

    @property
    def day(self) -> date:
        return local_day(self.at)


class Numbers:
    """Case numbers, one for each request however often it comes: a retry after a crash finds the number it had."""

    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def reserve(self, request: bytes, task_code: TaskCode, day: date, at: datetime) -> CaseNumber:
        """A number whose case never comes to be leaves a gap in the serials, and nothing else."""
        return CaseNumber(await self._taken(request, task_code, day, at, partial(CaseNumber.of, task_code, day)))

    async def reserve_package(self, request: bytes, division: DivisionCode, day: date, at: datetime) -> PackageNumber:
        """The same of a package that is applied for."""
        return PackageNumber(await self._taken(request, f"YJS{division}", day, at, partial(PackageNumber.of, division, day)))

    async def _taken(self, request: bytes, counted: str, day: date, at: datetime, number_of: Callable[[int], str]) -> str:
        taken = (await self._session.execute(_KNOWN_OR_NEXT, {"asking": request, "matter": counted, "today": day})).one()
        if taken.number:
            return str(taken.number)
        row = {"request": request, "number": number_of(taken.serial), "reserved_at": at}
        fresh = (await self._session.execute(_RESERVE, row)).scalar_one_or_none()
        return str(fresh or (await self._session.execute(_KNOWN, {"asking": request})).scalar_one())


def numbers_of(database: Database) -> Grouped[Wanted, CaseNumber]:
    """Numbers for the submissions of one process, reserved for many at once (ADR-0053)."""
    pace = Pace(busy=_BUSY, apart_s=_APART_S)
    return Grouped(database, reserve_all, key=attrgetter("request"), in_transaction=True, pace=pace)


async def reserve_all(session: WriteSession, wanted: Sequence[Wanted]) -> list[CaseNumber]:
    """As `Numbers.reserve`, for several requests, no two of them the same, by two statements."""
    asked = {
        "requests": [each.request for each in wanted],
        "matters": [each.task_code for each in wanted],
        "days": [each.day for each in wanted],
    }
    taken = (await session.execute(_ALL_KNOWN_OR_NEXT, asked)).all()
    numbers = {row.place: str(row.number) for row in taken if row.number}
    fresh = {row.place: _reservation(wanted[row.place], row.serial) for row in taken if row.number is None}
    if fresh:
        reserved = {row.request: row.number for row in await session.execute(_RESERVE_ALL, list(fresh.values()))}
        for place, row in fresh.items():
            # Another process may have reserved for the same request meanwhile.
            numbers[place] = reserved.get(row["request"]) or (await session.execute(_KNOWN, {"asking": row["request"]})).scalar_one()
    return [CaseNumber(numbers[place]) for place in range(len(wanted))]


def _reservation(wanted: Wanted, serial: int) -> dict[str, Any]:
    return {"request": wanted.request, "number": CaseNumber.of(wanted.task_code, wanted.day, serial), "reserved_at": wanted.at}


_KNOWN: Final = select(reservations.c.number).where(reservations.c.request == bindparam("asking"))
_RESERVE: Final = upsert(reservations).on_conflict_do_nothing().returning(reservations.c.number)


def _known_or_next() -> Select[tuple[str | None, int | None]]:
    """The number that a request has already, or else the next serial, in one round trip."""
    known = _KNOWN.cte("known")
    of_today = (bindparam("matter", type_=Text), bindparam("today", type_=Date), literal(1))
    counting = upsert(serials).from_select(["task_code", "day", "last"], select(*of_today).where(~exists(select(known.c.number))))
    counting = counting.on_conflict_do_update(index_elements=["task_code", "day"], set_={"last": serials.c.last + 1})
    counted = counting.returning(serials.c.last).cte("counted")
    found = select(known.c.number).scalar_subquery(), select(counted.c.last).scalar_subquery()
    return select(found[0].label("number"), found[1].label("serial"))


_KNOWN_OR_NEXT: Final = _known_or_next()
_RESERVE_ALL: Final = upsert(reservations).on_conflict_do_nothing().returning(reservations.c.request, reservations.c.number)
_ALL_KNOWN_OR_NEXT: Final = text(
    """
    WITH asked AS (
        SELECT request, matter, day, place - 1 AS place
        FROM unnest(CAST(:requests AS bytea[]), CAST(:matters AS text[]), CAST(:days AS date[]))
            WITH ORDINALITY AS wanted (request, matter, day, place)
    ), told AS (
        SELECT asked.*, known.number,
               count(*) FILTER (WHERE known.number IS NULL) OVER (PARTITION BY matter, day ORDER BY place) AS nth,
               count(*) FILTER (WHERE known.number IS NULL) OVER (PARTITION BY matter, day) AS many
        FROM asked LEFT JOIN reservations AS known USING (request)
    ), counted AS (
        INSERT INTO serials AS counting (task_code, day, last)
        SELECT matter, day, count(*) FROM told WHERE number IS NULL GROUP BY matter, day ORDER BY matter, day
        ON CONFLICT (task_code, day) DO UPDATE SET last = counting.last + excluded.last
        RETURNING counting.task_code, counting.day, counting.last
    )
    SELECT told.place, told.number, counted.last - told.many + told.nth AS serial
    FROM told LEFT JOIN counted ON counted.task_code = told.matter AND counted.day = told.day
    """
)


async def forget_requests(session: WriteSession, before: datetime) -> int:
    """Some of the requests from before, and how many: with its key a request loses the claim to its number.

    The key goes last: without it the request would come again as a new one, and find a number that has its case.
    """
    old = select(reservations.c.request).where(reservations.c.reserved_at < before).limit(5000)
    if gone := (await session.execute(delete(reservations).where(reservations.c.request.in_(old)))).rowcount:
        return gone
    return await KEYS.forget(session, before)
