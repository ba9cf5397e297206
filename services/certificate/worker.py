import asyncio
import contextlib
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import NotFound, ServiceError
from chassis.forgetting import forgetting
from chassis.http import MeshClient
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from chassis.sealing import Sealer
from services.certificate import queries
from services.certificate.consumers import link_holder, subscriptions
from services.certificate.neighbours import Neighbours
from services.certificate.settings import CertificateSettings
from services.certificate.signing import CertificateSigner

log = structlog.get_logger()

_AGAIN_S: Final = 30.0


def create(settings: CertificateSettings, database: Database, clock: Clock) -> list[Part]:
    neighbours = Neighbours(
        MeshClient(settings, clock), Sealer.from_file(settings.data_key_file), CertificateSigner.from_file(settings.signing_key_file)
    )
    return [
        *run_worker(settings, database, subscriptions, clock, neighbours),
        numbering(database, clock, neighbours),
        forgetting("idempotency keys", database, clock, KEYS),
    ]


def numbering(database: Database, clock: Clock, neighbours: Neighbours) -> Part:
    """Asks identity once for the numbers of holders who were linked before these were kept."""

    async def main(stop: asyncio.Event) -> None:
        is_done = False
        while not stop.is_set():
            with contextlib.suppress(ServiceError):
                is_done = is_done or not await _number_some(database, clock, neighbours)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if is_done else _AGAIN_S):
                    await stop.wait()

    return Part("numbering holders", main)


async def _number_some(database: Database, clock: Clock, neighbours: Neighbours) -> bool:
    """False when there was nobody. Raises ServiceError."""
    async with database.reading() as session:
        found = await queries.holders_without_number(session)
    for person_id in found:
        try:
            profile = await neighbours.profile(person_id)
        except NotFound:
            # Whoever has no account any more needs no number either.
            continue
        async with database.transaction() as writing:
            await link_holder(writing, profile, neighbours, at=clock.now())
    if found:
        log.info("holders_numbered", count=len(found))
    return bool(found)
