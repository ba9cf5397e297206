"""Which events a service reacts to, and with what."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, overload

from chassis.database import WriteSession
from contracts.events import Event
from contracts.topics import TOPICS, Topic
from contracts.values import EventId

E_co = TypeVar("E_co", bound=Event, covariant=True)
Subject = TypeVar("Subject", bound=Event)
Fetched = TypeVar("Fetched")


@dataclass(frozen=True, slots=True)
class Delivery(Generic[E_co]):
    """An event as it reaches a handler.

    `occurred_at` is the publisher's time of the fact, `at` ours of the delivery; `trace` is the traceparent to publish
    with; `neighbours` is what the worker was composed with.
    """

    event: E_co
    event_id: EventId
    occurred_at: datetime
    at: datetime
    trace: str | None
    neighbours: Any


Handler = Callable[[Delivery[Subject], WriteSession], Awaitable[None]]
HandlerOfMany = Callable[[Sequence[Delivery[Subject]], WriteSession], Awaitable[None]]
FetchingHandler = Callable[[Delivery[Subject], WriteSession, Fetched], Awaitable[None]]
Fetch = Callable[[Delivery[Subject]], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True)
class Subscription:
    event: type[Event]
    name: str
    fetch: Fetch[Any, Any] | None
    handler: Callable[..., Awaitable[None]]
    takes_many: bool = False
    may_wait: bool = False

    async def prepare(self, delivery: Delivery[Any]) -> tuple[Any, ...]:
        """What the handler needs from neighbours, asked for before any transaction is open."""
        return () if self.fetch is None else (await self.fetch(delivery),)

    async def apply(self, delivery: Delivery[Any], session: WriteSession, prepared: tuple[Any, ...]) -> None:
        await self.handler([delivery] if self.takes_many else delivery, session, *prepared)

    async def apply_all(self, deliveries: Sequence[Delivery[Any]], session: WriteSession) -> None:
        """Of a handler that takes many and fetches nothing: several at once, in their order."""
        await self.handler(deliveries, session)


class Subscriptions:
    """The handlers of one consumer. Its name is the consumer group and the inbox's `consumer`."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        self._by_type: dict[tuple[str, int], Subscription] = {}

    @overload
    def on(self, event: type[Subject]) -> Callable[[Handler[Subject]], Handler[Subject]]: ...

    @overload
    def on(
        self, event: type[Subject], *, fetch: Fetch[Subject, Fetched]
    ) -> Callable[[FetchingHandler[Subject, Fetched]], FetchingHandler[Subject, Fetched]]: ...

    def on(self, event: type[Event], *, fetch: Fetch[Any, Any] | None = None) -> Callable[..., Any]:
        """Register the only handler of an event. Raises: TypeError for a second one."""

        def register(handler: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
            self._register(Subscription(event, f"{self.consumer}.{handler.__name__}", fetch, handler))
            return handler

        return register

    def on_many(self, event: type[Subject], *, may_wait: bool = False) -> Callable[[HandlerOfMany[Subject]], HandlerOfMany[Subject]]:
        """Register the only handler of an event: it takes those that are waiting behind each other at once. As `on`.

        Those that `may_wait` gather for half a second where they come one after another, and hundreds are one run.
        """

        def register(handler: HandlerOfMany[Subject]) -> HandlerOfMany[Subject]:
            self._register(Subscription(event, f"{self.consumer}.{handler.__name__}", None, handler, takes_many=True, may_wait=may_wait))
            return handler

        return register

    def _register(self, subscription: Subscription) -> None:
        event = subscription.event
        if self._by_type.setdefault((event.TYPE, event.VERSION), subscription) is not subscription:
            msg = f"{self.consumer} already handles {event.TYPE} version {event.VERSION}"
            raise TypeError(msg)

    def of(self, event_type: str, version: int) -> Subscription | None:
        return self._by_type.get((event_type, version))

    @property
    def is_patient(self) -> bool:
        """Whether there is an event that may wait."""
        return any(each.may_wait for each in self._by_type.values())

    def topics(self) -> list[Topic]:
        """Every topic that carries at least one of the events."""
        publishers = {each for subscription in self._by_type.values() for each in subscription.event.PUBLISHERS}
        return [TOPICS[publisher] for publisher in sorted(publishers)]
