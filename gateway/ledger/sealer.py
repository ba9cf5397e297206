"""Every minute one of the processes signs where all chains stand, and the witness takes note of it."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
import structlog

from chassis.clock import Clock
from chassis.database import Database, ReadSession, WriteSession
from chassis.errors import ServiceError
from chassis.process import Part
from gateway.ledger.chain import NOTHING_BEFORE, Checkpoint, Head, Signing, microseconds, moment
from gateway.ledger.witness import Rewound, Witness
from gateway.registry.tables import ledger_checkpoints, ledger_sealed

log = structlog.get_logger()

_ONE_AT_A_TIME: Final = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('ledger checkpoint'))")
_MOVED: Final = sa.text("""
SELECT newest.chain, newest.number, newest.hash, newest.records
FROM ledger_chains
CROSS JOIN LATERAL (
    SELECT chain, number, hash, records FROM ledger_blocks WHERE chain = ledger_chains.id ORDER BY number DESC LIMIT 1
) AS newest
LEFT JOIN ledger_sealed AS sealed ON sealed.chain = newest.chain AND sealed.block = newest.number
WHERE sealed.block IS NULL
ORDER BY newest.chain
""")
_AT_MOST: Final = 500


class Sealer:
    """`witness` is None where nobody outside the database looks."""

    def __init__(self, database: Database, clock: Clock, ledger_key: Signing, witness: Witness | None, *, every: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._ledger_key = ledger_key
        self._witness = witness
        self._every = every

    def part(self) -> Part:
        return Part("checkpoints", self._run)

    async def _run(self, stop: asyncio.Event) -> None:
        """At the start, so that what a killed process left is sealed, then every so often, and once more at the end."""
        while True:
            is_last = stop.is_set()
            try:
                await self.seal(at_once=is_last)
                await self.witness()
            except ServiceError as error:
                log.warning("ledger_not_sealed", error=type(error).__name__)
            except Rewound as error:
                log.error("ledger_rewound", reason=str(error))  # noqa: TRY400 (where it was raised tells nothing)
            except OSError as error:
                log.error("ledger_not_witnessed", error=type(error).__name__)  # noqa: TRY400 (as above)
            if is_last:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every.total_seconds()):
                    await stop.wait()

    async def seal(self, *, at_once: bool = True) -> Checkpoint | None:
        """A checkpoint over the heads that moved; None when none did, or another process is at it.

        Unless `at_once`, also when one was made lately.
        """
        async with self._database.transaction() as session:
            if not (await session.execute(_ONE_AT_A_TIME)).scalar_one():
                return None
            newest = await _newest(session)
            now = self._clock.now()
            if newest and not at_once and timedelta(0) <= now - moment(newest.at) < self._every / 2:
                return None
            heads = [Head(row.chain, row.number, row.hash.hex(), row.records) for row in await session.execute(_MOVED)]
            if not heads:
                return None
            number, previous = (newest.number + 1, newest.hash) if newest else (0, NOTHING_BEFORE)
            checkpoint = Checkpoint.new(number, previous, now, heads, self._ledger_key)
            await _add(session, checkpoint, heads)
        return checkpoint

    async def witness(self) -> None:
        """Raises Rewound when the database and the witness disagree, OSError when nothing can be written there."""
        if self._witness is None:
            return
        more = True
        while more:
            known, seen = await asyncio.to_thread(self._witness.newest)
            async with self._database.reading() as session:
                checkpoints = await checkpoints_after(session, known - 1, _AT_MOST)
            if known >= 0 and (not checkpoints or checkpoints[0].hash != seen):
                raise Rewound(f"checkpoint {known} is no longer what was witnessed")
            more = await asyncio.to_thread(self._witness.follow, checkpoints) > 0


async def checkpoints_after(session: ReadSession, number: int, at_most: int) -> list[Checkpoint]:
    table = ledger_checkpoints
    query = sa.select(table).where(table.c.number > number).order_by(table.c.number).limit(at_most)
    return [_checkpoint(row) for row in await session.execute(query)]


async def _newest(session: ReadSession) -> Checkpoint | None:
    row = (await session.execute(sa.select(ledger_checkpoints).order_by(ledger_checkpoints.c.number.desc()).limit(1))).one_or_none()
    return _checkpoint(row) if row else None


def _checkpoint(row: "sa.Row[tuple[object, ...]]") -> Checkpoint:
    return Checkpoint(row.number, row.previous, microseconds(row.at), row.hash, row.body, row.signature)


async def _add(session: WriteSession, checkpoint: Checkpoint, heads: Iterable[Head]) -> None:
    said = {"number": checkpoint.number, "previous": checkpoint.previous, "at": moment(checkpoint.at), "hash": checkpoint.hash}
    await session.execute(sa.insert(ledger_checkpoints).values(**said, body=checkpoint.body, signature=checkpoint.signature))
    await session.execute(sa.insert(ledger_sealed), [{"chain": each.chain, "block": each.block} for each in heads])
