"""How changes of what can be reached, and through which channel, come into force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from chassis.database import WriteSession
from contracts.api import gateway as api
from contracts.values import OfficerId
from gateway.registry.domain.changes import ChangeHasNoEffect
from gateway.registry.tables import channels, resources


async def reactivate_resource(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises ChangeHasNoEffect where there is no such resource, or it is in use."""
    said = api.ReactivateResource.model_validate(content)
    at_rest = (resources.c.method == said.method) & (resources.c.path == said.path) & (resources.c.state != "active")
    if (await session.execute(update(resources).where(at_rest).values(state="active"))).rowcount != 1:
        raise ChangeHasNoEffect


async def open_channel(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises ChangeHasNoEffect where there is no such channel, or it is open."""
    said = api.OpenChannel.model_validate(content)
    closed = (channels.c.kind == said.channel) & ~channels.c.is_open
    if (await session.execute(update(channels).where(closed).values(is_open=True))).rowcount != 1:
        raise ChangeHasNoEffect
