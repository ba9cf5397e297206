import asyncio
import contextlib
from typing import Final

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.forgetting import forgetting
from chassis.http.idempotency import KEYS
from chassis.messaging import Subscriptions, run_worker
from chassis.process import Part
from services.catalogue.commands import packages, publishing
from services.catalogue.queries import versions
from services.catalogue.settings import CatalogueSettings

_LOOKS_EVERY_S: Final = 0.5


def create(settings: CatalogueSettings, database: Database, clock: Clock) -> list[Part]:
    return [
        *run_worker(settings, database, Subscriptions("catalogue"), clock),
        coming_into_force(database, clock),
        forgetting("idempotency keys", database, clock, KEYS),
    ]


def coming_into_force(database: Database, clock: Clock) -> Part:
    """Lets versions and states that were decided for later be found within a second of their time."""

    async def main(stop: asyncio.Event) -> None:
        while not stop.is_set():
            # A database that is away now is asked again; whoever asks for a guide compares with the clock anyway.
            with contextlib.suppress(ServiceError):
                await _settle(database, clock)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOKS_EVERY_S):
                    await stop.wait()

    return Part("coming into force", main)


async def _settle(database: Database, clock: Clock) -> None:
    async with database.reading() as session:
        are_matters, are_packages = await versions.is_any_due(session, clock.now())
    while are_matters:
        async with database.transaction() as writing:
            are_matters = await publishing.settle(writing, at=clock.now())
    while are_packages:
        async with database.transaction() as writing:
            are_packages = await packages.settle(writing, at=clock.now())
