"""Operating-system processes that publish versions of the same matters at the same time, as drafts and imports do."""

import asyncio
import multiprocessing
import random
from multiprocessing.process import BaseProcess

from chassis.clock import SystemClock
from chassis.database import Database
from chassis.errors import Conflict
from contracts.api.catalogue import Matter
from services.catalogue.commands import publishing
from services.catalogue.repository.matters import Catalogue

_SPAWN = multiprocessing.get_context("spawn")


def started(database_url: str, matters: list[str], *, number: int, rounds: int) -> BaseProcess:
    """A process that publishes in `rounds` transactions, each of one to three of these matters (JSON)."""
    process = _SPAWN.Process(target=_run, args=(database_url, matters, number, rounds), daemon=True)
    process.start()
    return process


def _run(database_url: str, matters: list[str], number: int, rounds: int) -> None:
    asyncio.run(_publish(database_url, [Matter.model_validate_json(each) for each in matters], number, rounds))


async def _publish(database_url: str, matters: list[Matter], number: int, rounds: int) -> None:
    database, clock, chance = Database(database_url, pool_size=1), SystemClock(), random.Random(number)
    for each_round in range(rounds):
        chosen = [_said(each, f"{number}-{each_round}") for each in chance.sample(matters, chance.choice((1, 1, 1, 2, 3)))]
        while not await _is_published(database, chosen, clock):
            pass
    await database.close()


async def _is_published(database: Database, matters: list[Matter], clock: SystemClock) -> bool:
    """False for a lost race."""
    try:
        async with database.transaction() as session:
            planned = await publishing.plan(session, matters, await Catalogue(session).dictionary())
            await publishing.publish(session, planned, at=clock.now())
    except Conflict:
        return False
    return True


def _said(matter: Matter, by: str) -> Matter:
    return matter.model_copy(update={"promised": matter.promised.model_copy(update={"source": by})})
