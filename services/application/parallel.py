"""The part of the worker that takes packages on from step to step. Several processes may run it beside each other."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.messaging.stopping import is_set_within
from chassis.process import Part
from chassis.sealing import Sealer
from services.application.commands import packages

log = structlog.get_logger()

_EVERY: Final = timedelta(seconds=1)


def packages_on(database: Database, clock: Clock, sealer: Sealer) -> Part:
    async def main(stop: asyncio.Event) -> None:
        while not stop.is_set():
            # A database that is away now is asked again.
            with contextlib.suppress(ServiceError):
                await one_pass(database, clock, sealer)
            await is_set_within(stop, _EVERY.total_seconds())

    return Part("steps of packages", main)


async def one_pass(database: Database, clock: Clock, sealer: Sealer) -> None:
    """Every package with a step that has ended, one transaction each."""
    async with database.reading() as reading:
        numbers = await packages.moved_on(reading)
    for number in numbers:
        try:
            async with database.transaction() as session:
                await packages.advance(session, number, sealer, at=clock.now())
        except ServiceError as failure:
            # The others do not wait for it; the next pass tries it again.
            log.warning("package_not_advanced", package=number, failure=type(failure).__name__)
