from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.http.idempotency import KEYS
from contracts.values import CaseNumber, DivisionCode, PackageNumber, TaskCode
from services.application.tables import reservations, serials


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
        known = await self._session.execute(select(reservations.c.number).where(reservations.c.request == request))
        if number := known.scalar_one_or_none():
            return str(number)
        counting = upsert(serials).values(task_code=counted, day=day, last=1)
        counting = counting.on_conflict_do_update(index_elements=["task_code", "day"], set_={"last": serials.c.last + 1})
        serial = (await self._session.execute(counting.returning(serials.c.last))).scalar_one()
        fresh = number_of(serial)
        row = {"request": request, "number": fresh, "reserved_at": at}
        taken = await self._session.execute(upsert(reservations).values(row).on_conflict_do_nothing().returning(reservations.c.number))
        return taken.scalar_one_or_none() or await self._reserved(request)

    async def _reserved(self, request: bytes) -> str:
        found = await self._session.execute(select(reservations.c.number).where(reservations.c.request == request))
        return str(found.scalar_one())


async def forget_requests(session: WriteSession, before: datetime) -> int:
    """Some of the requests from before, and how many: with its key a request loses the claim to its number.

    The key goes last: without it the request would come again as a new one, and find a number that has its case.
    """
    old = select(reservations.c.request).where(reservations.c.reserved_at < before).limit(5000)
    if gone := (await session.execute(delete(reservations).where(reservations.c.request.in_(old)))).rowcount:
        return gone
    return await KEYS.forget(session, before)
