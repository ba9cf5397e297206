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
from chassis.errors import Conflict, Invalid, ServiceError, Unavailable
from chassis.messaging import publish
from contracts.events.access import DataAccessed
from contracts.values import OrganisationId, PersonId
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
    """`dropped` counts decisions that found no room in memory while the database was away, or that no column can hold."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._queue: asyncio.Queue[tuple[Decision, _Waiting | None]] = asyncio.Queue(_BACKLOG)
        self.dropped = 0
        self._dropped_logged = 0

    def record(self, decision: Decision) -> None:
        try:
            self._queue.put_nowait((decision, None))
        except asyncio.QueueFull:
            # The database has been away for long: requests go on, the loss is counted and logged.
            self.dropped += 1

    async def durable(self, decision: Decision) -> None:
        written: _Waiting = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((decision, written))
            async with asyncio.timeout(_DURABLE_S):
                await written
        except asyncio.QueueFull as error:
            self.dropped += 1
            raise Unavailable("the decision could not be recorded") from error
        except TimeoutError as error:
            raise Unavailable("the decision could not be recorded in time") from error

    async def write(self, stop: asyncio.Event) -> None:
        """Write batches until told to stop, then what is left."""
        while not (stop.is_set() and self._queue.empty()):
            batch = await self._batch(stop)
            if batch:
                await self._store(batch, stop)
            self._log_dropped()

    def _log_dropped(self) -> None:
        if self.dropped > self._dropped_logged:
            log.error("decisions_dropped", count=self.dropped - self._dropped_logged, since_start=self.dropped)
            self._dropped_logged = self.dropped

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
                await self._insert([decision for decision, _ in batch])
                break
            except (Invalid, ValueError) as error:
                await self._without_unstorable(batch, error, stop)
                return
            except ServiceError:
                self._log_dropped()
                log.warning("decisions_not_written", waiting=len(batch) + self._queue.qsize())
                if stop.is_set():
                    self.dropped += len(batch)
                    return
                await asyncio.sleep(_RETRY_S)
        for _, written in batch:
            if written is not None and not written.done():
                written.set_result(None)

    async def _without_unstorable(self, batch: list[tuple[Decision, _Waiting | None]], error: Exception, stop: asyncio.Event) -> None:
        """One decision that cannot be stored must not keep the others from the disk."""
        if len(batch) > 1:
            for each in batch:
                await self._store([each], stop)
            return
        [(decision, written)] = batch
        self.dropped += 1
        log.error("decision_not_storable", request_id=decision.request_id, error=type(error).__name__)
        if written is not None and not written.done():
            written.set_exception(Unavailable("the decision cannot be recorded"))

    async def _insert(self, batch: list[Decision]) -> None:
        async with self._database.transaction() as session:
            rows = [_row(decision) for decision in batch]
            await session.execute(insert(decisions), rows)
            for decision in batch:
                if decision.access:
                    await publish(session, _accessed(decision), at=decision.at)
            if rows != [_row(decision) for decision in batch]:
                raise Conflict("an answer was held back while its record was being written")


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
        "organisation": decision.organisation,
        "actor": decision.actor,
        "mandate": decision.mandate,
        "officer": decision.officer,
        "case_number": decision.case_number,
        "refused_by": decision.refused_by,
        "rule": decision.rule,
        "code": decision.code,
        "rooms": {str(room): result for room, result in decision.rooms.items()},
        "policy_version": decision.policy_version,
        "access": decision.access,
        "facts": dict(decision.facts),
        "trace_id": decision.trace_id,
        "upstream": decision.upstream,
        "duration_ms": decision.duration_ms,
    }


def _accessed(decision: Decision) -> DataAccessed:
    said = decision.access or {}
    return DataAccessed(
        subjects=tuple(PersonId(each) for each in said["subjects"]),
        organisations=tuple(OrganisationId(each) for each in said["organisations"]),
        owner=decision.upstream,
        party=decision.party,
        officer=decision.officer,
        person=decision.actor or decision.person,
        mandate=decision.mandate,
        grade=said["grade"],
        purpose=said["purpose"],
        case_number=decision.case_number,
        items=tuple(said["items"]),
        at=decision.at,
        request_id=decision.request_id,
    )
