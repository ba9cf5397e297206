"""The part of the worker that takes packages on from step to step. Several processes may run it beside each other."""

from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.process import Part
from chassis.rounds import rounds_when_told
from chassis.sealing import Sealer
from services.application.commands import packages

log = structlog.get_logger()

_ENDED: Final = "package_steps"
"""The channel in which the database tells that the case of a step has come to its end."""


def packages_on(database: Database, clock: Clock, sealer: Sealer) -> Part:
    async def advance_all() -> bool:
        return await one_pass(database, clock, sealer)

    return rounds_when_told("steps of packages", advance_all, database=database, channel=_ENDED)


async def one_pass(database: Database, clock: Clock, sealer: Sealer) -> bool:
    """Every package with a step that has ended, one transaction each; whether that was all of them."""
    async with database.reading() as reading:
        numbers = await packages.moved_on(reading)
    is_all = len(numbers) < packages.BATCH
    for number in numbers:
        try:
            async with database.transaction() as session:
                await packages.advance(session, number, sealer, at=clock.now())
        except ServiceError as failure:
            # The others do not wait for it; the next pass tries it again.
            log.warning("package_not_advanced", package=number, failure=type(failure).__name__)
            is_all = False
    return is_all
