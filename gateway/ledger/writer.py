"""One writer puts decisions on disk in batches; whoever needs certainty waits for the batch.

In the same transaction each access to personal data becomes an event, so that the holder's ledger cannot miss one that
was answered.
"""

import asyncio
from typing import Any, Final

import structlog
from sqlalchemy import insert

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError, Unavailable
from chassis.messaging import publish
from contracts.events.access import DataAccessed
from contracts.values import CaseNumber, PersonId
from gateway.decision import Decision
from gateway.registry.tables import decisions

log = structlog.get_logger()

_BATCH: Final = 200
_GATHER_S: Final = 0.05
_BACKLOG: Final = 50_000
_DURABLE_S: Final = 2.0
_RETRY_S: Final = 0.5

_Waiting = asyncio.Future[None]


class LedgerWriter:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._queue: asyncio.Queue[tuple[Decision, _Waiting | None]] = asyncio.Queue(_BACKLOG)
        self.dropped = 0

    def record(self, decision: Decision) -> None:
        try:
            self._queue.put_nowait((decision, None))
        except asyncio.QueueFull:
            # The database has been away for long: requests go on, the loss is counted and shown.
            self.dropped += 1

    async def durable(self, decision: Decision) -> None:
        written: _Waiting = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((decision, written))
            async with asyncio.timeout(_DURABLE_S):
                await written
        except (asyncio.QueueFull, TimeoutError) as error:
            raise Unavailable("the decision could not be recorded in time") from error

    async def write(self, stop: asyncio.Event) -> None:
        """Write batches until told to stop, then what is left."""
        while not (stop.is_set() and self._queue.empty()):
            batch = await self._batch(stop)
            if batch:
                await self._store(batch, stop)

    async def _batch(self, stop: asyncio.Event) -> list[tuple[Decision, _Waiting | None]]:
        first = asyncio.create_task(self._queue.get())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([first, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not first.done():
            first.cancel()
            return []
        batch = [first.result()]
        if batch[0][1] is None and not stop.is_set():
            # Nobody waits for this one: let others join it.
            await asyncio.sleep(_GATHER_S)
        while len(batch) < _BATCH and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch

    async def _store(self, batch: list[tuple[Decision, _Waiting | None]], stop: asyncio.Event) -> None:
        while True:
            try:
                async with self._database.transaction() as session:
                    await session.execute(insert(decisions), [_row(decision) for decision, _ in batch])
                    for decision, _ in batch:
                        if decision.access:
                            await publish(session, _accessed(decision), at=decision.at)
                break
            except ServiceError:
                log.warning("decisions_not_written", waiting=len(batch) + self._queue.qsize())
                if stop.is_set():
                    return
                await asyncio.sleep(_RETRY_S)
        for _, written in batch:
            if written is not None and not written.done():
                written.set_result(None)


def _row(decision: Decision) -> dict[str, Any]:
    return {
        "request_id": decision.request_id,
        "at": decision.at,
        "method": decision.method,
        "path": decision.path[:500],
        "route": decision.route,
        "status": decision.status,
        "party": decision.party,
        "party_kind": decision.party_kind,
        "person": decision.person,
        "officer": decision.officer,
        "case_number": decision.case_number,
        "refused_by": decision.refused_by,
        "rule": decision.rule,
        "code": decision.code,
        "rooms": {str(room): result for room, result in decision.rooms.items()},
        "policy_version": decision.policy_version,
        "access": decision.access,
        "trace_id": decision.trace_id,
        "upstream": decision.upstream,
        "duration_ms": decision.duration_ms,
    }


def _accessed(decision: Decision) -> DataAccessed:
    said = decision.access or {}
    return DataAccessed(
        subjects=tuple(PersonId(each) for each in said["subjects"]),
        owner=decision.upstream,
        party=decision.party,
        officer=decision.officer,
        person=decision.person,
        grade=said["grade"],
        purpose=said["purpose"],
        case_number=decision.case_number or _case_number(said["purpose"]),
        items=tuple(said["items"]),
        at=decision.at,
        request_id=decision.request_id,
    )


def _case_number(text: str) -> CaseNumber | None:
    try:
        return CaseNumber(text)
    except ValueError:
        return None
