"""The relay: carries rows of the outbox to the broker, in order, each marked once the broker has acknowledged it.

One relay a database is at work: it holds an advisory lock whose session is also the one that reads and marks, so a
relay that lost the lock can mark nothing. A crash between acknowledgement and mark repeats a record, never loses one.

A lone event leaves at once. While many come, rounds keep a distance, so that what a round costs here, at the broker and at
every consumer behind it is shared.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg
import structlog
from opentelemetry.trace import SpanKind
from sqlalchemy.engine import make_url

from chassis import telemetry
from chassis.messaging.producer import Delivering, Outcome, Record
from chassis.messaging.retries import retry_delay
from chassis.messaging.stopping import is_set_within, run_until
from chassis.messaging.tables import CHANNEL
from chassis.pace import Pace
from contracts.envelope import Envelope
from contracts.values import EventId

log = structlog.get_logger()

_LOCK: Final = (1953656674, 1)
_ROWS_A_ROUND: Final = 500
_BUSY_ROWS_A_SECOND: Final = 60
_ROUNDS_APART_S: Final = 0.25
_STANDBY_S: Final = 1.0
_COMMAND_TIMEOUT_S: Final = 5.0
_CLEANING_INTERVAL_S: Final = 3600.0
_FINISH_S: Final = 3.0
_ALARM_AFTER_FAILURES: Final = 3
_ALARM_AFTER_S: Final = 10.0
# The server's farewell may be read before the end of the connection is: a statement sent between the two is refused
# by the library as its own misuse.
_LOST: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_UNPUBLISHED: Final = """
SELECT id, event_id, type, version, key, body, occurred_at, trace FROM outbox
WHERE published_at IS NULL AND key <> ALL ($1::text[]) ORDER BY id LIMIT $2
"""
_MARK: Final = "UPDATE outbox SET published_at = now() WHERE id = ANY ($1::bigint[])"
# Only the oldest rows are looked at, so that cleaning needs no index and costs the same in a full table.
_CLEAN: Final = """
DELETE FROM outbox WHERE published_at < now() - $1::interval AND id IN
(SELECT id FROM outbox WHERE published_at IS NOT NULL ORDER BY id LIMIT $2)
"""


class Relay:
    """`source` is the publishing service, `topic` its qualified topic, `url` its database."""

    def __init__(
        self,
        url: str,
        *,
        source: str,
        topic: str,
        producer: Delivering,
        poll: timedelta = timedelta(seconds=5),
        retention: timedelta = timedelta(days=7),
    ) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._source = source
        self._topic = topic
        self._producer = producer
        self._poll = poll
        self._retention = retention
        self._wake = asyncio.Event()
        self._held_keys: set[str] = set()
        self._cleaning_due = 0.0
        self._pace = Pace(busy=_BUSY_ROWS_A_SECOND, apart_s=_ROUNDS_APART_S)
        self.failures: Counter[int] = Counter()
        self.is_active = False

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; the round under way is finished when the broker lets it."""
        waking = asyncio.create_task(self._wake_on(stop))
        try:
            await run_until(stop, self._relay(stop), finish_within=_FINISH_S)
        finally:
            waking.cancel()
            self.is_active = False
            await self._producer.close()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _relay(self, stop: asyncio.Event) -> None:
        attempt = 0
        while not stop.is_set():
            try:
                async with self._connected() as connection:
                    attempt = 0
                    await self._lead(connection, stop)
            except _LOST as error:
                attempt += 1
                self.is_active = False
                log.warning("relay_lost_its_database", error=type(error).__name__, attempt=attempt)
                await self._pause(attempt, stop)

    @contextlib.asynccontextmanager
    async def _connected(self) -> Any:
        connection = await asyncpg.connect(
            self._url,
            timeout=_COMMAND_TIMEOUT_S,
            command_timeout=_COMMAND_TIMEOUT_S,
            server_settings={
                "application_name": f"{self._source}-relay",
                # A mark lost in a crash of the server repeats a record, which every inbox absorbs.
                "synchronous_commit": "off",
                "timezone": "UTC",
            },
        )
        try:
            yield connection
        finally:
            with contextlib.suppress(*_LOST):
                await connection.close(timeout=1)

    async def _lead(self, connection: Any, stop: asyncio.Event) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", *_LOCK):
            if await is_set_within(stop, _STANDBY_S):
                return
        self.is_active = True
        await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
        while not stop.is_set():
            await self._gather(stop)
            # Cleared before the rows are read: a commit that comes after the read wakes the next round.
            self._wake.clear()
            if await self._round(connection, stop) or stop.is_set():
                continue
            if not await is_set_within(self._wake, self._poll.total_seconds()):
                self._held_keys.clear()
                await self._clean(connection)

    async def _gather(self, stop: asyncio.Event) -> None:
        if wait_s := self._pace.wait_s(asyncio.get_running_loop().time()):
            await is_set_within(stop, wait_s)

    async def _round(self, connection: Any, stop: asyncio.Event) -> bool:
        """True when there may be more to relay at once, of which nobody will tell."""
        began = asyncio.get_running_loop().time()
        rows = await connection.fetch(_UNPUBLISHED, list(self._held_keys), _ROWS_A_ROUND)
        if not rows:
            return False
        outcome = await self._delivered([_record(self._source, row) for row in rows])
        if outcome.acknowledged:
            marked = [rows[place]["id"] for place in outcome.acknowledged]
            await connection.execute(_MARK, marked)
            self._tell(rows[place] for place in outcome.acknowledged)
            for row_id in self.failures.keys() & set(marked):
                del self.failures[row_id]
        for place in outcome.too_large:
            self._hold(rows[place])
        if outcome.failure is None:
            # A full round and one that the broker's batches had no room for are followed at once.
            is_all = len(outcome.acknowledged) == len(rows) < _ROWS_A_ROUND
            if is_all:
                self._pace.began(began, len(rows))
            return not is_all
        self._count(rows, outcome)
        await self._pause(self.failures[rows[0]["id"]], stop)
        return True

    def _tell(self, rows: Iterable[Any]) -> None:
        """How long each event was on its way out, in the trace that it belongs to."""
        for row in rows:
            if row["trace"] and telemetry.is_kept(row["trace"]):
                telemetry.record(
                    f"outbox {row['type']}",
                    kind=SpanKind.PRODUCER,
                    parent=row["trace"],
                    began=row["occurred_at"],
                    messaging__system="kafka",
                    messaging__destination__name=self._topic,
                    messaging__message__id=row["event_id"],
                )

    async def _delivered(self, records: Sequence[Record]) -> Outcome:
        delivering = asyncio.create_task(self._producer.deliver(self._topic, records))
        try:
            done, _ = await asyncio.wait([delivering], timeout=_ALARM_AFTER_S)
            if not done:
                log.error("outbox_waits_for_the_broker", rows=len(records), for_s=_ALARM_AFTER_S)
            return await delivering
        finally:
            delivering.cancel()

    def _hold(self, row: Any) -> None:
        """Set a row aside until the next poll, and everything behind it under its key, so that order holds."""
        self._held_keys.add(row["key"])
        self.failures[row["id"]] += 1
        if self.failures[row["id"]] == _ALARM_AFTER_FAILURES:
            log.error("outbox_row_is_stuck", outbox_id=row["id"], type=row["type"], reason="too large")

    def _count(self, rows: Sequence[Any], outcome: Outcome) -> None:
        acknowledged = set(outcome.acknowledged)
        waiting = [row for place, row in enumerate(rows) if place not in acknowledged]
        self.failures.update(row["id"] for row in waiting)
        log.warning("relay_delivery_failed", error=type(outcome.failure).__name__, rows=len(waiting))
        stuck = sum(1 for row in waiting if self.failures[row["id"]] == _ALARM_AFTER_FAILURES)
        if stuck:
            log.error("outbox_rows_keep_failing", rows=stuck, oldest=waiting[0]["occurred_at"].isoformat())

    async def _pause(self, attempt: int, stop: asyncio.Event) -> None:
        delay = retry_delay(attempt, base=timedelta(milliseconds=200), ceiling=timedelta(seconds=5), random=random.random)
        await is_set_within(stop, delay.total_seconds())

    async def _clean(self, connection: Any) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._cleaning_due:
            return
        self._cleaning_due = now + _CLEANING_INTERVAL_S
        while await connection.execute(_CLEAN, self._retention, _ROWS_A_ROUND) == f"DELETE {_ROWS_A_ROUND}":
            pass


def _record(source: str, row: Any) -> Record:
    envelope = Envelope(
        id=EventId(row["event_id"]),
        type=row["type"],
        version=row["version"],
        source=source,
        time=row["occurred_at"],
        key=row["key"],
        traceparent=row["trace"],
    )
    return Record(key=row["key"].encode(), value=row["body"].encode(), headers=envelope.to_headers())
