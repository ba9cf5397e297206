"""Requests with keys that come at once: looked up, done and answered in one transaction, each of them once.

What `idempotency` does for one request alone costs seven round trips to the database and a commit; here they are shared,
the more the busier the process is. Source: ADR-0014.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import text
from starlette.responses import Response

from chassis.database import Database, Grouped, WriteSession, gathering, put
from chassis.errors import RequestInProgress, ServiceError
from chassis.http.idempotency import KEEP, OnceOnly
from chassis.pace import Pace

Work = Callable[[WriteSession], Awaitable[BaseModel]]

_AT_MOST: Final = 32
_BUSY: Final = 40.0
_LOOKS_APART_S: Final = 0.02
_APART_S: Final = 0.04
_LOCKS: Final = text("SELECT pg_try_advisory_xact_lock(lock) AS is_mine FROM unnest(CAST(:locks AS bigint[])) AS wanted (lock)")
_ANSWERED: Final = text(
    "SELECT client, key, fingerprint, status, body FROM idempotency_keys "
    "WHERE (client, key) IN (SELECT * FROM unnest(CAST(:clients AS text[]), CAST(:keys AS text[])))"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    once: OnceOnly
    work: Work
    status: int
    # Spans and deadlines are those of whoever asks.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    @property
    def name(self) -> tuple[str, str]:
        return self.once.name


class Together:
    """The requests of one process."""

    def __init__(self, database: Database) -> None:
        self._looks: Grouped[OnceOnly, Response | ServiceError | None] = Grouped(
            database, _answered, key=attrgetter("name"), pace=Pace(busy=_BUSY, apart_s=_LOOKS_APART_S)
        )
        self._works: Grouped[_Asked, Response | ServiceError] = Grouped(
            database, _done, key=attrgetter("name"), at_most=_AT_MOST, in_transaction=True, pace=Pace(busy=_BUSY, apart_s=_APART_S)
        )

    async def stored(self, once: OnceOnly) -> Response | None:
        """As `OnceOnly.stored`."""
        return _raised(await self._looks.write(once))

    async def answer(self, once: OnceOnly, work: Work, *, status: int = 200) -> Response:
        """As `OnceOnly.answer`. `work` may begin again, when another's failed, and what it inserts by `put` it cannot read."""
        answer = _raised(await self._works.write(_Asked(once, work, status)))
        assert answer is not None
        return answer


def _raised(said: Response | ServiceError | None) -> Response | None:
    if isinstance(said, ServiceError):
        raise said
    return said


async def _answered(session: WriteSession, asked: Sequence[OnceOnly]) -> list[Response | ServiceError | None]:
    names = [each.name for each in asked]
    said = {"clients": [client for client, _ in names], "keys": [key for _, key in names]}
    rows = {(row.client, row.key): row for row in await session.execute(_ANSWERED, said)}
    return [_replayed(each, rows.get(each.name)) for each in asked]


def _replayed(once: OnceOnly, row: Any) -> Response | ServiceError | None:
    if row is None:
        return None
    try:
        return once.replayed(row)
    except ServiceError as refusal:
        return refusal


async def _done(session: WriteSession, asked: Sequence[_Asked]) -> list[Response | ServiceError]:
    locks = (await session.execute(_LOCKS, {"locks": [each.once.lock for each in asked]})).scalars().all()
    earlier = await _answered(session, [each.once for each in asked])
    answers: list[Response | ServiceError] = []
    async with gathering(session):
        for each, is_mine, said in zip(asked, locks, earlier, strict=True):
            answers.append(said or (await _one(session, each) if is_mine else RequestInProgress()))
    return answers


async def _one(session: WriteSession, asked: _Asked) -> Response:
    # A coroutine runs in the context of its task.
    done = await asyncio.create_task(_awaited(asked.work(session)), context=asked.context)
    body = done.model_dump_json().encode()
    await put(session, KEEP, asked.once.kept(asked.status, body))
    return Response(body, asked.status, media_type="application/json")


async def _awaited(work: Awaitable[BaseModel]) -> BaseModel:
    return await work
