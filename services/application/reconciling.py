"""Work forms are reconciled with their results, so that one which has not come back is found within a day."""

import asyncio
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from chassis.database import Database
from chassis.process import Part
from chassis.rounds import rounds
from services.application.repository.returned import reconcile

_EVERY: Final = timedelta(minutes=15)


def reconciliation(database: Database, clock: Clock, *, returned_within: timedelta) -> Part:
    async def all_found(stop: asyncio.Event) -> None:
        while await reconcile_once(database, clock, returned_within=returned_within) and not stop.is_set():
            pass

    return rounds("reconciliation of work forms", all_found, every=_EVERY)


async def reconcile_once(database: Database, clock: Clock, *, returned_within: timedelta) -> int:
    """How many were found."""
    async with database.transaction() as session:
        return await reconcile(session, clock.now(), returned_within=returned_within)
