"""The consumer: each record's effect and its inbox row in one transaction, and only then the offset.

A record that cannot be read is set aside at once; one whose handler fails for a passing reason is retried in place, so
that the order of its key holds, and then set aside. Source: ADR-0006.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import structlog
from aiokafka import ConsumerRecord
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.clock import Clock
from chassis.database import Database, WriteSession
from chassis.errors import Unavailable
from chassis.messaging.dead_letters import DeadLetters, Verdict, reason_of
from chassis.messaging.inbox import first_deliveries, first_delivery
from chassis.messaging.lanes import Patience
from chassis.messaging.retries import RetryPolicy, is_transient, retry_delay
from chassis.messaging.subscriptions import Delivery, Subscription, Subscriptions
from contracts.envelope import Envelope
from contracts.values import EventId

log = structlog.get_logger()

_HANDLER_DEADLINE_S: Final = 20.0
# Handlers share the pool with the requests of the same process.
_HANDLERS_AT_ONCE: Final = 3
_PATIENT_RUNS_APART_S: Final = 0.5


class Consumer:
    """Turns records into effects. `handled` counts deliveries by outcome, `skipped` unknown events by type."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        *,
        database: Database,
        clock: Clock,
        neighbours: object,
        dead_letters: DeadLetters,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._subscriptions = subscriptions
        self._database = database
        self._clock = clock
        self._neighbours = neighbours
        self._dead_letters = dead_letters
        self._retry = retry or RetryPolicy()
        self._slots = asyncio.Semaphore(_HANDLERS_AT_ONCE)
        self.handled: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    @property
    def patience(self) -> Patience | None:
        """What of the records may wait: events whose subscription says so, and those of others, of which nothing comes."""
        return Patience(self._may_wait, _PATIENT_RUNS_APART_S) if self._subscriptions.is_patient else None

    def _may_wait(self, record: "ConsumerRecord[bytes, bytes]") -> bool:
        said = dict(record.headers)
        try:
            subscription = self._subscriptions.of(said["ce_type"].decode(), int(said["ce_dataversion"]))
        except (ValueError, LookupError):
            return True
        return subscription is None or subscription.may_wait

    async def receive(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        """Return when the record is done with: handled, known already, skipped or set aside."""
        if arrival := self._arrival(record):
            await self._receive(arrival)

    async def receive_all(self, records: Sequence["ConsumerRecord[bytes, bytes]"]) -> AsyncGenerator[int, None]:
        """As `receive` in their order; says each time up to which offset all are done with.

        Records that wait behind each other and need nothing fetched share a transaction. When that fails, whatever the
        reason, nothing of it happened, and each has a transaction of its own.
        """
        for run in _runs([arrival for each in records if (arrival := self._arrival(each))]):
            if len(run) > 1 and await self._attempt_together(run):
                yield run[-1].record.offset + 1
                continue
            for each in run:
                await self._receive(each)
                yield each.record.offset + 1
        yield records[-1].offset + 1

    def _arrival(self, record: "ConsumerRecord[bytes, bytes]") -> "_Arrival | None":
        """None for what is nobody's business here."""
        try:
            envelope = Envelope.from_headers(record.headers)
        except ValueError as error:
            return _Arrival(record, flaw=reason_of(error))
        subscription = self._subscriptions.of(envelope.type, envelope.version)
        if subscription is None:
            self._skip(f"{envelope.type} v{envelope.version}")
            return None
        try:
            event = subscription.event.model_validate_json(record.value or b"")
        except ValueError as unreadable:
            return _Arrival(record, envelope, subscription, flaw=reason_of(unreadable))
        return _Arrival(record, envelope, subscription, event)

    async def _receive(self, arrival: "_Arrival") -> None:
        if arrival.flaw is not None:
            handler = arrival.subscription.name if arrival.subscription else self._subscriptions.consumer
            await self._set_aside(arrival.record, arrival.flaw, handler, attempts=1)
            return
        with _span(arrival):
            await self._handle(arrival)

    def _skip(self, name: str) -> None:
        if name not in self.skipped:
            log.info("event_type_skipped", type=name, consumer=self._subscriptions.consumer)
        self.skipped[name] += 1

    async def _handle(self, arrival: "_Arrival") -> None:
        subscription = arrival.subscription
        assert subscription is not None
        attempt = 1
        while (error := await self._attempt(self._delivery(arrival), subscription)) is not None:
            if not is_transient(error) or (attempt >= self._retry.attempts and await self._database.is_ready()):
                await self._set_aside(arrival.record, reason_of(error), subscription.name, attempts=attempt)
                return
            log.warning("delivery_retried", handler=subscription.name, attempt=attempt, error=reason_of(error))
            await self._wait(attempt)
            attempt += 1

    def _delivery(self, arrival: "_Arrival") -> Delivery[Any]:
        envelope = arrival.envelope
        assert envelope is not None
        return Delivery(
            event=arrival.event,
            event_id=envelope.id,
            occurred_at=envelope.time,
            at=self._clock.now(),
            trace=envelope.traceparent or telemetry.current_traceparent(),
            neighbours=self._neighbours,
        )

    async def _attempt(self, delivery: Delivery[Any], subscription: Subscription) -> Exception | None:
        """The error that undid the delivery, or None when its effect is committed or was before."""
        try:
            async with self._slots, asyncio.timeout(_HANDLER_DEADLINE_S):
                prepared = await subscription.prepare(delivery)
                async with self._database.transaction() as session:
                    if not await first_delivery(session, self._subscriptions.consumer, delivery.event_id):
                        self.handled["known"] += 1
                        return None
                    await subscription.apply(delivery, session, prepared)
        except Exception as error:
            if not is_transient(error):
                log.exception("handler_failed", handler=subscription.name, event_id=delivery.event_id)
            return error
        self.handled["effective"] += 1
        return None

    async def _attempt_together(self, run: "Sequence[_Arrival]") -> bool:
        """False when nothing was committed."""
        ids = [each.event_id for each in run]
        try:
            async with self._slots, asyncio.timeout(_HANDLER_DEADLINE_S), self._database.transaction() as session:
                fresh = await first_deliveries(session, self._subscriptions.consumer, ids)
                once = {each.event_id: each for each in reversed(run)}
                first = [each for each in run if each.event_id in fresh and once[each.event_id] is each]
                for subscription, same in groupby(first, key=attrgetter("subscription")):
                    await self._apply(subscription, list(same), session)
        except Exception as error:
            log.warning("deliveries_tried_apart", deliveries=len(run), error=reason_of(error))
            if not is_transient(error):
                log.exception("handler_failed", handlers=sorted({each.subscription.name for each in run if each.subscription}))
            return False
        self.handled += Counter({"effective": len(first), "known": len(run) - len(first)})
        return True

    async def _apply(self, subscription: Subscription, arrivals: "Sequence[_Arrival]", session: WriteSession) -> None:
        if not subscription.takes_many:
            for each in arrivals:
                with _span(each):
                    await subscription.apply(self._delivery(each), session, ())
            return
        with ExitStack() as spans:
            for each in arrivals:
                if (trace := each.trace) and telemetry.is_kept(trace):
                    spans.enter_context(_span(each))
            await subscription.apply_all([self._delivery(each) for each in arrivals], session)

    async def _set_aside(self, record: "ConsumerRecord[bytes, bytes]", reason: str, handler: str, *, attempts: int) -> None:
        """Not returning before the dead letter is acknowledged keeps the record's offset uncommitted."""
        verdict = Verdict(reason=reason, handler=handler, attempts=attempts, at=self._clock.now())
        tries = 1
        while True:
            try:
                await self._dead_letters.set_aside(record, verdict)
            except Unavailable:
                log.error("dead_letter_not_published", topic=record.topic, offset=record.offset, attempt=tries)  # noqa: TRY400 (the cause is a broker that is away)
                await self._wait(tries)
                tries += 1
            else:
                self.handled["set aside"] += 1
                return

    async def _wait(self, attempt: int) -> None:
        delay: timedelta = retry_delay(attempt, base=self._retry.base, ceiling=self._retry.ceiling, random=random.random)
        await asyncio.sleep(delay.total_seconds())


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A record as it was read, or `flaw`: why it cannot be."""

    record: "ConsumerRecord[bytes, bytes]"
    envelope: Envelope | None = None
    subscription: Subscription | None = None
    event: Any = None
    flaw: str | None = None

    @property
    def event_id(self) -> EventId:
        assert self.envelope is not None
        return self.envelope.id

    @property
    def trace(self) -> str | None:
        return self.envelope.traceparent if self.envelope else None

    @property
    def is_plain(self) -> bool:
        """Whether it may share a transaction: a neighbour that is asked for one must not keep the others' open."""
        return self.flaw is None and self.subscription is not None and self.subscription.fetch is None


def _runs(arrivals: Iterable[_Arrival]) -> Iterator[list[_Arrival]]:
    for is_plain, run in groupby(arrivals, key=attrgetter("is_plain")):
        if is_plain:
            yield list(run)
        else:
            yield from ([each] for each in run)


def _span(arrival: _Arrival) -> AbstractContextManager[Any]:
    envelope, subscription = arrival.envelope, arrival.subscription
    assert envelope is not None
    assert subscription is not None
    return telemetry.span(
        f"{envelope.type} {subscription.name}",
        kind=SpanKind.CONSUMER,
        parent=envelope.traceparent,
        messaging__system="kafka",
        messaging__destination__name=arrival.record.topic,
        messaging__message__id=envelope.id,
    )
