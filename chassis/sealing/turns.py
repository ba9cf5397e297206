"""While two keys are in use, one text has two hashes: a unique column alone would take it twice."""

from typing import Final

from sqlalchemy import func, select

from chassis.database import ReadSession
from chassis.sealing.sealer import Sealer

_LOCK_BYTES: Final = 8


async def one_at_a_time(session: ReadSession, sealer: Sealer, text: str) -> None:
    """Until the transaction ends, nobody else is past this line with the same text: look for it by `lookups` now, then write.

    Processes are at most one step of a rotation apart, so they share a key, and with it a lock. With one key in the ring
    nothing is asked: whoever has one writes under it, and the unique column refuses the second.
    """
    hashes = sealer.lookups(text)
    if len(hashes) > 1:
        for lock in sorted(int.from_bytes(each[-_LOCK_BYTES:], signed=True) for each in hashes):
            await session.execute(select(func.pg_advisory_xact_lock(lock)))
