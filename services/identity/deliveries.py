"""What leaves identity by itself: clients are told of ended sign-ons, again and again until they have heard or time is up.

Each is claimed in one transaction, told outside of any, and settled in another, so that a process that dies in between
leaves it to the next. Source: OpenID Connect Back-Channel Logout 1.0.
"""

import asyncio
import contextlib
from collections.abc import Collection
from datetime import datetime
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import ServiceError
from chassis.messaging.stopping import is_set_within
from chassis.process import Part
from services.identity.domain.logout import DELIVERY_DEADLINE, Delivery
from services.identity.neighbours import LogoutReceivers
from services.identity.repository import LogoutDeliveries
from services.identity.tokens.logout import logout_token
from services.identity.tokens.signer import TokenSigner

log = structlog.get_logger()

_POLL_S: Final = 1.0
_AT_ONCE: Final = 20
_REFUSED: Final = 400
"""A client that answers so has read the token and does not want it (section 2.8); anything else may pass."""


def logout_deliveries(database: Database, clock: Clock, signer: TokenSigner) -> Part:
    async def main(stop: asyncio.Event) -> None:
        receivers = LogoutReceivers()
        telling: dict[asyncio.Task[None], str] = {}
        try:
            while not stop.is_set():
                for each in await _claimed(database, clock, telling.values()):
                    telling[asyncio.create_task(_tell(database, clock, signer, receivers, each))] = each.client_id
                await _wait(stop, telling)
                telling = {task: client for task, client in telling.items() if not task.done()}
            await asyncio.gather(*telling)
        finally:
            await receivers.close()

    return Part("logout deliveries", main, stop_within=DELIVERY_DEADLINE.total_seconds() + 3)


async def _wait(stop: asyncio.Event, telling: Collection["asyncio.Task[None]"]) -> None:
    """For a moment, or until a client has answered and there is room for the next."""
    if telling:
        await asyncio.wait(telling, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED)
    else:
        await is_set_within(stop, _POLL_S)


async def _claimed(database: Database, clock: Clock, busy: Collection[str]) -> list[Delivery]:
    if len(busy) >= _AT_ONCE:
        return []
    try:
        async with database.transaction() as session:
            return await LogoutDeliveries(session).claim(clock.now(), limit=_AT_ONCE - len(busy), besides=set(busy))
    except ServiceError as error:
        log.warning("logout_deliveries_wait", reason=str(error))
        return []


async def _tell(database: Database, clock: Clock, signer: TokenSigner, receivers: LogoutReceivers, delivery: Delivery) -> None:
    # Without the database it is told again when its lease ends.
    with contextlib.suppress(ServiceError):
        await signer.keys.freshen(delivery.algorithm)
        status = await receivers.tell(delivery.uri, logout_token(signer, delivery, clock.now()))
        async with database.transaction() as session:
            await _settle(LogoutDeliveries(session), delivery, status, clock.now())


async def _settle(deliveries: LogoutDeliveries, delivery: Delivery, status: int, at: datetime) -> None:
    if 200 <= status < 300:
        await deliveries.end(delivery.id, "delivered", at)
    elif status == _REFUSED or (again := delivery.next_at(at)) is None:
        await deliveries.end(delivery.id, "refused" if status == _REFUSED else "given_up", at)
        log.warning("logout_not_delivered", client=delivery.client_id, status=status, attempt=delivery.attempt)
    else:
        await deliveries.postpone(delivery.id, again)
