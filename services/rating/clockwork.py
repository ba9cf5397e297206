"""The part of the worker that tells of bad ratings that nobody answered in time. Several processes may run it beside each other."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.messaging.stopping import is_set_within
from chassis.process import Part
from services.rating import commands

# It is told within a minute after the day is over.
_EVERY: Final = timedelta(seconds=30)


def missed_replies(database: Database, clock: Clock) -> Part:
    async def main(stop: asyncio.Event) -> None:
        while not stop.is_set():
            # A database that is away now is asked again.
            with contextlib.suppress(ServiceError):
                await one_pass(database, clock, stop)
            await is_set_within(stop, _EVERY.total_seconds())

    return Part("missed replies", main)


async def one_pass(database: Database, clock: Clock, stop: asyncio.Event | None = None) -> None:
    """Until nothing is left to tell."""
    told = 1
    while told and not (stop and stop.is_set()):
        async with database.transaction() as session:
            told = await commands.note_missed(session, at=clock.now())
