"""Parties and keys whose day has come: the door refuses them by the second, the registry and the mesh hear of it here."""

import asyncio
import contextlib
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.process import Part
from gateway.registry.commands.parties import end_what_ran_out

log = structlog.get_logger()

_LOOK_EVERY_S: Final = 2.0


def lapses(database: Database, clock: Clock) -> Part:
    async def look(stop: asyncio.Event) -> None:
        while not stop.is_set():
            # Another process did it, or the database is away: the next look finds what is left.
            with contextlib.suppress(ServiceError):
                async with database.transaction() as session:
                    ended = await end_what_ran_out(session, at=clock.now())
                for party in ended:
                    log.info("party_ran_out", party=party.id, status=party.status)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await stop.wait()

    return Part("lapses", look)
