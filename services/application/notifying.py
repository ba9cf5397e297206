"""What leaves application by itself: applicants are told of what happened to their cases, by senders that identity knows.

Each message is claimed in one transaction, sent outside of any, and settled in another; its key is its id, so that a process
that dies in between leaves it to the next and nobody is told twice.
"""

import asyncio
from typing import Final

import structlog

from chassis import telemetry
from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import NotFound, ServiceError, Unavailable
from chassis.http import Fetched, MeshClient
from chassis.messaging.stopping import is_set_within
from chassis.process import Part
from contracts.api.identity.messages import MessageState, SendMessage
from services.application.commands import notifications
from services.application.commands.notifications import Due

log = structlog.get_logger()

_POLL_S: Final = 2.0
_GONE: Final = MessageState(state="failed", failure="账号已注销 the account is closed")


def part(database: Database, clock: Clock, mesh: MeshClient) -> Part:
    async def main(stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                try:
                    is_more = await pass_once(database, clock, mesh) > 0
                except ServiceError as error:
                    log.warning("notifications_wait", error=type(error).__name__)
                    is_more = False
                if not is_more:
                    await is_set_within(stop, _POLL_S)
        finally:
            await mesh.close()

    return Part("notifications", main, stop_within=8.0)


async def pass_once(database: Database, clock: Clock, mesh: MeshClient) -> int:
    """Send or ask after some of those that are due; how many."""
    async with database.transaction() as session:
        claimed = await notifications.claim(session, at=clock.now())
    found = await asyncio.gather(*(_told(mesh, each) for each in claimed))
    async with database.transaction() as session:
        for due, state in zip(claimed, found, strict=True):
            await notifications.settle(session, due, state, at=clock.now())
    return len(claimed)


async def _told(mesh: MeshClient, due: Due) -> MessageState | None:
    """None while the sender, or identity, is away."""
    try:
        with telemetry.span("message", case__number=due.number):
            return await _asked(mesh, due)
    except Unavailable:
        return None
    except NotFound:
        return _GONE
    except ServiceError as refusal:
        return MessageState(state="failed", failure=str(refusal))


async def _asked(mesh: MeshClient, due: Due) -> MessageState:
    fetched: Fetched[MessageState]
    if due.is_sent:
        fetched = await mesh.get("identity", f"/messages/{due.id}?channel={due.channel}", model=MessageState, purpose=due.number)
    else:
        wanted = SendMessage(channel=due.channel, key=due.id, text=due.text)
        fetched = await mesh.post("identity", f"/persons/{due.person}/messages", json=wanted, model=MessageState, purpose=due.number)
    return fetched.value
