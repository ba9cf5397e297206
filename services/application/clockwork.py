"""The part of the worker that makes happen what happens because time passed. Several processes may run it beside each other."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.process import Part
from chassis.rounds import rounds
from chassis.sealing import Sealer
from contracts.values import CaseId
from services.application.commands import timers, tolerance
from services.application.commands.calendars import learn_notices

log = structlog.get_logger()

# A card is there within a minute after it became true.
_EVERY: Final = timedelta(seconds=5)


def clockwork(database: Database, clock: Clock, sealer: Sealer) -> Part:
    is_begun = False

    async def look(stop: asyncio.Event) -> None:
        nonlocal is_begun
        if not is_begun:
            await begin(database, clock)
            is_begun = True
        await one_pass(database, clock, sealer, stop)

    return rounds("clocks of cases", look, every=_EVERY)


async def begin(database: Database, clock: Clock) -> None:
    """What a start finds missing: notices that came with the program, clocks of cases from before there were any."""
    async with database.transaction() as session:
        await learn_notices(session, at=clock.now())
    started = timers.BATCH
    while started == timers.BATCH:
        async with database.transaction() as session:
            started = await timers.start_clocks(session, at=clock.now())


async def one_pass(database: Database, clock: Clock, sealer: Sealer, stop: asyncio.Event | None = None) -> None:
    """Every case whose time has come, one transaction each; then what is to follow, or did not; then those that the newest calendar does not count yet."""
    at, after = clock.now(), None
    while not (stop and stop.is_set()):
        async with database.reading() as reading:
            places = await timers.waiting(reading, at=at, after=after)
        for _, case_id in places:
            try:
                async with database.transaction() as session:
                    await timers.look(session, CaseId(case_id), sealer, at=at)
            except ServiceError as failure:
                # The others do not wait for it; the next pass tries it again.
                log.warning("clock_not_looked_at", case_id=case_id, failure=type(failure).__name__)
        if len(places) < timers.BATCH:
            break
        after = places[-1]
    async with database.reading() as reading:
        owing = await tolerance.owing(reading, at=at)
    for owed in owing:
        async with database.transaction() as session:
            await tolerance.note(session, owed, at=at)
    recounted = timers.BATCH
    while recounted == timers.BATCH and not (stop and stop.is_set()):
        async with database.transaction() as session:
            recounted = await timers.recount(session, sealer, at=at)
