"""One writer puts decisions on disk, a block at a time; whoever needs certainty waits for the block.

In the same transaction each access to personal data becomes an event, so that the holder's ledger cannot miss one that
was answered.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import orjson
import structlog
from sqlalchemy.exc import IntegrityError

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Conflict, Invalid, ServiceError, Unavailable
from chassis.messaging import publish_all
from chassis.pace import Pace
from contracts.events.access import DataAccessed
from gateway.decision import Decision
from gateway.ledger import records, store
from gateway.ledger.chain import Block, OpenChain, Signing, leaf
from gateway.ledger.line import Line

log = structlog.get_logger()

_BATCH: Final = 250
_HASHED_TOGETHER: Final = 8
_GATHER_S: Final = 0.1
# Of answers that wait for their record beside another's: who asks alone, however fast, waits for nobody.
_BUSY_A_SECOND: Final = 5
_BLOCKS_APART_S: Final = 0.025
_BACKLOG: Final = 50_000
_DURABLE_S: Final = 2.0
_RETRY_S: Final = 0.5
_SOON_S: Final = 0.01
_LAST_TRIES_S: Final = 4.0


class _Evidence:
    """A decision whose answer waits for its record. `is_taken` while a block with it is being written, `is_late` once they
    would rather give up: then the answer is held back, and the record must not tell it as shown."""

    __slots__ = ("decision", "is_late", "is_taken", "written")

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_taken = self.is_late = False

    def fail(self, reason: str) -> None:
        if not self.written.done():
            self.written.set_exception(Unavailable(reason))


# Most are written down at once: bytes are cheaper to keep than a decision, and cheapest to make while it is at hand. They are
# hashed some at a time: each alone costs twice as much, and a whole block's together would keep requests waiting.
_Written = tuple[bytes, bytes]
"""A leaf and its body."""
_Entry = _Written | _Evidence


class LedgerWriter:
    """`dropped` counts decisions that found no room in memory while the database was away, or that no column can hold.

    `ledger_key` vouches for the chain of this process, `gateway` is the name under which it is known.
    """

    def __init__(self, database: Database, clock: Clock, ledger_key: Signing, gateway: str = "gateway") -> None:
        self._database = database
        self._line = Line(database)
        self._clock = clock
        self._ledger_key = ledger_key
        self._gateway = gateway
        self._chain = OpenChain(ledger_key, gateway, clock.now())
        # Blocks of which nobody knows whether they are on disk: at most one of them is.
        self._doubtful: list[Block] = []
        self._queue: deque[_Entry] = deque()
        self._not_hashed: list[bytes] = []
        self._arrived = asyncio.Event()
        self._hurry = asyncio.Event()
        self._pace = Pace(busy=_BUSY_A_SECOND, apart_s=_BLOCKS_APART_S)
        self.dropped = 0
        self._dropped_logged = 0

    def record(self, decision: Decision) -> None:
        """Of an answer without anybody's data: what an access must be proven for goes to `durable`."""
        if len(self._queue) + len(self._not_hashed) >= _BACKLOG:
            # The database has been away for long: requests go on, the loss is counted and logged.
            self.dropped += 1
            return
        try:
            self._not_hashed.append(records.body(decision))
        except TypeError:
            self._drop(decision.request_id)
            return
        if len(self._not_hashed) >= _HASHED_TOGETHER:
            self._hash()
        elif not self._queue:
            self._arrived.set()

    def _hash(self) -> None:
        self._queue.extend((leaf(records.OTHER, each), each) for each in self._not_hashed)
        self._not_hashed.clear()

    async def durable(self, decision: Decision) -> None:
        if len(self._queue) + len(self._not_hashed) >= _BACKLOG:
            self.dropped += 1
            raise Unavailable("the decision could not be recorded")
        evidence = _Evidence(decision)
        self._hash()
        self._queue.append(evidence)
        self._arrived.set()
        self._hurry.set()
        try:
            async with asyncio.timeout(_DURABLE_S):
                await asyncio.shield(evidence.written)
        except TimeoutError as error:
            evidence.is_late = True
            if not evidence.is_taken:
                raise Unavailable("the decision could not be recorded in time") from error
            # What is being written says that the answer was shown: how that ends decides, and it ends as every statement does.
            await evidence.written

    async def write(self, stop: asyncio.Event) -> None:
        """Write blocks until told to stop, then what is left."""
        stopping = asyncio.create_task(self._wake_at(stop))
        try:
            while not (stop.is_set() and not self._queue and not self._not_hashed):
                await self._arrived.wait()
                await self._gather(stop)
                self._hash()
                batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
                if not self._queue:
                    self._arrived.clear()
                    self._hurry.clear()
                if batch:
                    self._pace.began(asyncio.get_running_loop().time(), max(0, sum(1 for _ in _evidence(batch)) - 1))
                    await self._store(batch, stop)
                self._log_dropped()
                if stop.is_set():
                    self._arrived.set()
        finally:
            stopping.cancel()
            await self._line.close()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._arrived.set()
        self._hurry.set()

    async def _gather(self, stop: asyncio.Event) -> None:
        """Where nobody waits, let others join; for a moment also where somebody does and many are coming."""
        if len(self._queue) < _BATCH and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GATHER_S):
                    await self._hurry.wait()
            if (wait_s := self._pace.wait_s(asyncio.get_running_loop().time())) and not stop.is_set():
                await asyncio.sleep(wait_s)

    def _log_dropped(self) -> None:
        if self.dropped > self._dropped_logged:
            log.error("decisions_dropped", count=self.dropped - self._dropped_logged, since_start=self.dropped)
            self._dropped_logged = self.dropped

    async def _store(self, batch: list[_Entry], stop: asyncio.Event) -> None:
        last_try: float | None = None
        while True:
            try:
                await self._put(batch)
                break
            except (TypeError, ValueError, Invalid):
                await self._without_unstorable(batch, stop)
                return
            except ServiceError as error:
                now = asyncio.get_running_loop().time()
                last_try = last_try or (now + _LAST_TRIES_S if stop.is_set() else None)
                log.warning("decisions_not_written", waiting=len(batch) + len(self._queue), error=type(error).__name__)
                self._log_dropped()
                _give_back(batch)
                if last_try is not None and now >= last_try:
                    self.dropped += len(batch)
                    return
                # Also for whoever was late, to say in the record that the answer was held back.
                await asyncio.sleep(_RETRY_S if isinstance(error, Unavailable) else _SOON_S)
        for each in _evidence(batch):
            if not each.written.done():
                each.written.set_result(None)

    async def _without_unstorable(self, batch: list[_Entry], stop: asyncio.Event) -> None:
        """One decision that cannot be stored must not keep the others from the disk."""
        if len(batch) > 1:
            for each in batch:
                await self._store([each], stop)
            return
        [only] = batch
        self._drop(only.decision.request_id if isinstance(only, _Evidence) else orjson.loads(only[1])["request_id"])
        for each in _evidence(batch):
            each.fail("the decision cannot be recorded")

    def _drop(self, request_id: str) -> None:
        self.dropped += 1
        log.error("decision_not_storable", request_id=request_id)

    async def _put(self, batch: list[_Entry]) -> None:
        """Exactly once: whether an attempt of unknown outcome has succeeded is found out before the next."""
        if self._doubtful and await self._is_there():
            return
        shown = []
        written: list[_Written] = []
        for each in batch:
            if isinstance(each, _Evidence):
                each.is_taken = True
                written.append(_written(each.decision))
                shown += [(records.accessed(each.decision), each.decision.at)] if each.decision.access else []
            else:
                written.append(each)
        leaves, bodies = zip(*written, strict=True)
        block = self._chain.block(b"".join(leaves), self._clock.now())
        self._doubtful.append(block)
        try:
            await self._write(block, b"\n".join(bodies), shown)
        except IntegrityError as error:
            raise Conflict("there is another block in its place") from error
        self._chain.add(block)
        self._doubtful.clear()

    async def _is_there(self) -> bool:
        chain, number = self._chain.beginning.id, self._chain.number
        async with self._database.reading() as session:
            found = await store.hash_at(session, chain, number)
            is_cut = found is None and number > 0 and await store.hash_at(session, chain, number - 1) is None
        if found is None and not is_cut:
            return False
        block = next((each for each in self._doubtful if each.hash == found), None)
        self._doubtful.clear()
        if block is not None:
            self._chain.add(block)
            return True
        log.error("chain_cut" if is_cut else "chain_continued_by_another", chain=chain, block=number)
        self._chain = OpenChain(self._ledger_key, self._gateway, self._clock.now())
        return False

    async def _write(self, block: Block, bodies: bytes, shown: list[tuple[DataAccessed, datetime]]) -> None:
        if block.number:
            await store.add_alone(self._line, block, bodies, shown)
            return
        async with self._database.transaction() as session:
            await store.begin(session, self._chain.beginning)
            await store.add(session, block, bodies)
            await publish_all(session, shown)


def _written(decision: Decision) -> _Written:
    """Raises TypeError for what is no text."""
    body = records.body(decision)
    return leaf(records.letter(decision), body), body


def _evidence(batch: list[_Entry]) -> Iterator[_Evidence]:
    return (each for each in batch if isinstance(each, _Evidence))


def _give_back(batch: list[_Entry]) -> None:
    for each in _evidence(batch):
        each.is_taken = False
        if each.is_late:
            each.fail("the decision could not be recorded in time")
