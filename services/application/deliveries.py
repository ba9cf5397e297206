"""Parties are told of moves at their callbacks: each in a lane of its own, so that one which is slow or away holds up nobody else.

A lane has its own connections, name look-ups, pace and pauses. Before the first delivery its address says a challenge back. What
is sent is signed (RFC 9421), the delivery's id is its Idempotency-Key. A delivery that was sent and not settled is sent again:
receivers know it by that key. Source: ADR-0047, ADR-0055.
"""

import asyncio
import contextlib
import json
import random
import secrets
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.clock import Clock
from chassis.database import Database, WriteSession
from chassis.errors import ServiceError
from chassis.http.outside import NamesApart, NoAnswer, OutsideAnswer, OutsideClient
from chassis.http.signatures import Message, sign
from chassis.messaging.stopping import is_set_within
from chassis.process import Part
from chassis.sealing import Sealer
from contracts.values import Id, PartyId
from services.application.domain.deliveries import Attempt, Callback, Delivery, is_echoed, outcome_of, pause
from services.application.repository.callbacks import CallbackKey, CallbackKeys, Callbacks, Leases
from services.application.repository.deliveries import Deliveries
from services.application.settings import ApplicationSettings

log = structlog.get_logger()

_POLL_S: Final = 0.5
_AT_THE_DATABASE: Final = 3
"""Of all lanes of a process, so that requests which share its connections are not kept waiting."""
LEASE: Final = timedelta(seconds=60)
_QUEUED: Final = 8
"""Deliveries that are looked up at once, for each call that may be under way."""
_ANSWER_LIMIT_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Terms:
    """How parties are told. `random` answers from 0 to 1."""

    deadline_s: float
    pause_ceiling: timedelta
    give_up_after: timedelta
    may_be_loopback: bool
    random: Callable[[], float] = random.random

    @classmethod
    def of(cls, settings: ApplicationSettings) -> "Terms":
        return cls(
            deadline_s=settings.callback_deadline_ms / 1000,
            pause_ceiling=timedelta(seconds=settings.callback_pause_ceiling_s),
            give_up_after=timedelta(days=settings.callback_give_up_days),
            may_be_loopback=settings.callbacks_on_loopback,
        )


def callback_deliveries(settings: ApplicationSettings, database: Database, clock: Clock, sealer: Sealer) -> Part:
    terms = Terms.of(settings)
    lanes = Lanes(database, clock, sealer, terms)
    return Part("callbacks", lanes.run, stop_within=terms.deadline_s + 3)


class Lanes:
    """The lanes of the parties that this process tells."""

    def __init__(self, database: Database, clock: Clock, sealer: Sealer, terms: Terms) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._terms = terms
        self._turns = asyncio.Semaphore(_AT_THE_DATABASE)
        self._lanes: dict[PartyId, Lane] = {}
        self._working: dict[PartyId, asyncio.Task[None]] = {}

    @property
    def is_idle(self) -> bool:
        """Nobody is being told."""
        return all(task.done() for task in self._working.values())

    async def run(self, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                await self.look(stop)
                await is_set_within(stop, _POLL_S)
            await asyncio.gather(*self._working.values())
        finally:
            for lane in self._lanes.values():
                await lane.close()

    async def look(self, stop: asyncio.Event) -> None:
        """Begin to tell whoever waits and is not being told."""
        self._working = {party: task for party, task in self._working.items() if not task.done()}
        try:
            async with self._database.reading() as session:
                wanting = await Callbacks(session).wanting(self._clock.now(), besides=list(self._working))
        except ServiceError as error:
            log.warning("callbacks_wait", reason=str(error))
            return
        for party in wanting:
            # Asked of two at once, only one of them begins.
            if party not in self._working:
                self._working[party] = asyncio.create_task(self._lane(party).work(stop))

    def _lane(self, party: PartyId) -> "Lane":
        if party not in self._lanes:
            self._lanes[party] = Lane(party, self._database, self._turns, self._clock, self._sealer, self._terms)
        return self._lanes[party]


class Lane:
    """One party's. Worked by at most one task of one process, while its lease lasts."""

    def __init__(self, party: PartyId, database: Database, turns: asyncio.Semaphore, clock: Clock, sealer: Sealer, terms: Terms) -> None:
        self._party = party
        self._turns = turns
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._terms = terms
        self._lease = Id.new()
        self._callback: Callback
        self._key: CallbackKey
        self._until = clock.now()
        self._outside = OutsideClient(
            deadline_s=terms.deadline_s, answer_limit_bytes=_ANSWER_LIMIT_BYTES, may_be_loopback=terms.may_be_loopback, names=NamesApart()
        )

    async def work(self, stop: asyncio.Event) -> None:
        """Tell the party what waits, until nothing does, it is to be left alone, or `stop` is set."""
        # Without the database what was not settled is told again, by whoever holds the lease next.
        with contextlib.suppress(ServiceError):
            if await self._take():
                try:
                    if self._callback.is_proven or await self._prove():
                        await self._drain(stop)
                finally:
                    await self._release()

    async def close(self) -> None:
        await self._outside.close()

    async def _prove(self) -> bool:
        """Ask the address to say a challenge back: nothing of any case goes where nobody wants it. Whether it did."""
        nonce = secrets.token_urlsafe(32)
        body = json.dumps({"challenge": nonce, "party": self._party}).encode()
        try:
            answer = await self._signed(body, {})
            failure = None if outcome_of(answer.status) == "delivered" else f"answered {answer.status}"
            if failure is None and not is_echoed(nonce, answer.body):
                failure = "answered without the challenge"
        except NoAnswer as error:
            failure = f"no answer: {error}"
        at = self._clock.now()
        if failure is None:
            self._callback = self._callback.proven(at)
        else:
            log.warning("callback_not_proven", party=self._party, failure=failure)
            self._callback = self._callback.unproven(failure, at, self._terms.pause_ceiling, self._terms.random)
        async with self._turns, self._database.statement() as session:
            await Leases(session, self._lease, LEASE).note_proof(self._callback)
        return self._callback.is_proven

    async def _drain(self, stop: asyncio.Event) -> None:
        flying: dict[asyncio.Task[None], int] = {}
        queue: deque[Delivery] = deque()
        try:
            while not stop.is_set() and not self._callback.is_left_alone(self._clock.now()):
                if self._is_nearly_over() and not await self._renew():
                    return
                if not queue:
                    queue += await self._next(flying.values())
                while queue and len(flying) < self._callback.room:
                    await self._slot()
                    if self._callback.is_left_alone(self._clock.now()):
                        break
                    delivery = queue.popleft()
                    flying[asyncio.create_task(self._tell(delivery))] = delivery.place
                if not flying:
                    return
                done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del flying[task]
                    task.result()
        finally:
            if flying:
                await asyncio.wait(flying)

    async def _next(self, flying: Collection[int]) -> list[Delivery]:
        """What may leave now, as much as keeps the party busy for a while."""
        limit = self._callback.room * _QUEUED
        async with self._turns, self._database.reading() as reading:
            if due := await Deliveries(WriteSession(reading), self._party).due(self._clock.now(), besides=flying, limit=limit):
                return due
        more = True
        while more:
            async with self._turns, self._database.transaction() as session:
                deliveries, now = Deliveries(session, self._party), self._clock.now()
                more = await deliveries.plan(self._callback, now)
                if due := await deliveries.due(now, besides=flying, limit=limit):
                    return due
        return []

    async def _slot(self) -> None:
        """Wait until the pace of the party lets the next call go."""
        wait = (self._callback.free_at - self._clock.now()).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)
        self._callback = self._callback.after_call(self._clock.now())

    async def _tell(self, delivery: Delivery) -> None:
        loop, at = asyncio.get_running_loop(), self._clock.now()
        began = loop.time()
        try:
            answer = await self._post(delivery)
            reason = None
        except NoAnswer as error:
            answer, reason = OutsideAnswer(0, b""), str(error)
        attempt = Attempt(at, answer.status, round((loop.time() - began) * 1000), reason)
        state, due_at = self._judged(delivery, answer)
        async with self._turns, self._database.statement() as session:
            await Deliveries(session, self._party).settle(delivery, attempt, state, due_at, self._clock.now())

    def _judged(self, delivery: Delivery, answer: OutsideAnswer) -> tuple[str, datetime]:
        """What the answer makes of the delivery and of the party: its state, and when it is due again."""
        at, outcome = self._clock.now(), outcome_of(answer.status)
        if outcome == "delivered":
            self._callback = self._callback.answered()
            return "delivered", at
        if outcome == "away":
            self._callback = self._callback.away(at, self._terms.pause_ceiling, self._terms.random, wants_s=answer.retry_after_s)
            due_at = self._callback.resumes_at
        else:
            due_at = at + pause(delivery.attempts + 1, self._terms.pause_ceiling, self._terms.random)
        is_dead = at - delivery.wanted_at >= self._terms.give_up_after
        log.warning("not_delivered", party=self._party, status=answer.status, attempt=delivery.attempts + 1, is_dead=is_dead)
        return ("dead" if is_dead else "waiting"), due_at

    async def _post(self, delivery: Delivery) -> OutsideAnswer:
        with telemetry.span("POST callback", kind=SpanKind.CLIENT, peer__service=self._party, case__number=delivery.number):
            return await self._signed(delivery.body.encode(), {"idempotency-key": delivery.id})

    async def _signed(self, body: bytes, more: Mapping[str, str]) -> OutsideAnswer:
        url = self._callback.url
        parts = urlsplit(url)
        headers = {"content-type": "application/json", **more}
        message = Message("POST", parts.netloc, parts.path or "/", "", headers, body)
        signed = sign(message, self._key.private, key_id=self._key.id, created=int(self._clock.now().timestamp()))
        return await self._outside.post(url, body, {**headers, **signed})

    async def _take(self) -> bool:
        """Whether the party is ours to tell, for as long as the lease lasts."""
        now = self._clock.now()
        async with self._turns, self._database.transaction() as session:
            taken = await Leases(session, self._lease, LEASE).take(self._party, now)
            if taken is None:
                return False
            self._key = await CallbackKeys(session, self._sealer).signing(self._party, now)
        self._callback, self._until = taken, now + LEASE
        return True

    async def _renew(self) -> bool:
        known = self._callback
        if not await self._take():
            return False
        self._callback = replace(self._callback, failures=known.failures, resumes_at=known.resumes_at, free_at=known.free_at)
        # Another address may have been registered meanwhile.
        return self._callback.is_proven

    async def _release(self) -> None:
        async with self._turns, self._database.transaction() as session:
            await Leases(session, self._lease, LEASE).release(self._callback, self._clock.now())

    def _is_nearly_over(self) -> bool:
        """Nothing is sent that might still be under way when somebody else may hold the lease."""
        return self._clock.now() + timedelta(seconds=self._terms.deadline_s + 5) > self._until
