"""The consumer: each record's effect and its inbox row in one transaction, and only then the offset.

A record that cannot be read is set aside at once; one whose handler fails for a passing reason is retried in place, so
that the order of its key holds, and then set aside. Source: ADR-0006.
"""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any, Final

import structlog
from aiokafka import ConsumerRecord
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.messaging.dead_letters import DeadLetters, Verdict, reason_of
from chassis.messaging.inbox import first_delivery
from chassis.messaging.retries import RetryPolicy, is_transient, retry_delay
from chassis.messaging.subscriptions import Delivery, Subscription, Subscriptions
from contracts.envelope import Envelope

log = structlog.get_logger()

_HANDLER_DEADLINE_S: Final = 20.0
# Handlers share the pool with the requests of the same process.
_HANDLERS_AT_ONCE: Final = 3


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

    async def receive(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        """Return when the record is done with: handled, known already, skipped or set aside."""
        try:
            envelope = Envelope.from_headers(record.headers)
        except ValueError as error:
            await self._set_aside(record, reason_of(error), self._subscriptions.consumer, attempts=1)
            return
        subscription = self._subscriptions.of(envelope.type, envelope.version)
        if subscription is None:
            self._skip(f"{envelope.type} v{envelope.version}")
            return
        with telemetry.span(
            f"{envelope.type} {subscription.name}",
            kind=SpanKind.CONSUMER,
            parent=envelope.traceparent,
            messaging__system="kafka",
            messaging__destination__name=record.topic,
            messaging__message__id=envelope.id,
        ):
            await self._handle(record, envelope, subscription)

    def _skip(self, name: str) -> None:
        if name not in self.skipped:
            log.info("event_type_skipped", type=name, consumer=self._subscriptions.consumer)
        self.skipped[name] += 1

    async def _handle(self, record: "ConsumerRecord[bytes, bytes]", envelope: Envelope, subscription: Subscription) -> None:
        try:
            event = subscription.event.model_validate_json(record.value or b"")
        except ValueError as unreadable:
            await self._set_aside(record, reason_of(unreadable), subscription.name, attempts=1)
            return
        attempt = 1
        while (error := await self._attempt(self._delivery(event, envelope), subscription)) is not None:
            if not is_transient(error) or (attempt >= self._retry.attempts and await self._database.is_ready()):
                await self._set_aside(record, reason_of(error), subscription.name, attempts=attempt)
                return
            log.warning("delivery_retried", handler=subscription.name, attempt=attempt, error=reason_of(error))
            await self._wait(attempt)
            attempt += 1

    def _delivery(self, event: Any, envelope: Envelope) -> Delivery[Any]:
        return Delivery(
            event=event,
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
