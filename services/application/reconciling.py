"""Work forms are reconciled with their results, so that one which has not come back is found within a day."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.messaging.stopping import is_set_within
from chassis.process import Part
from services.application.repository.returned import reconcile

log = structlog.get_logger()

_EVERY_S: Final = 15 * 60.0


def reconciliation(database: Database, clock: Clock, *, returned_within: timedelta) -> Part:
    async def main(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                while await reconcile_once(database, clock, returned_within=returned_within) and not stop.is_set():
                    pass
            except ServiceError as error:
                log.warning("reconciliation_waits", reason=str(error))
            await is_set_within(stop, _EVERY_S)

    return Part("reconciliation of work forms", main)


async def reconcile_once(database: Database, clock: Clock, *, returned_within: timedelta) -> int:
    """How many were found."""
    async with database.transaction() as session:
        return await reconcile(session, clock.now(), returned_within=returned_within)
