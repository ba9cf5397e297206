"""How changes of what can be reached, and through which channel, come into force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.database import WriteSession
from contracts.api import gateway as api
from contracts.api.gateway.sharing import LiftNegative
from contracts.values import OfficerId
from gateway.registry.commands import lists, resources
from gateway.registry.commands.channels import policy_of
from gateway.registry.domain.changes import ChangeHasNoEffect
from gateway.registry.repository.channels import Channels


async def reactivate_resource(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises NoSuchResource, ResourceIsActive."""
    await resources.apply_change(session, api.ReactivateResource.model_validate(content), by=by, at=at)


async def widen_resource(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises NoSuchResource and what `Registered.widen` raises."""
    await resources.apply_change(session, api.WidenResource.model_validate(content), by=by, at=at)


async def lift_negative(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises NoSuchEntry."""
    await lists.apply_change(session, LiftNegative.model_validate(content), by=by, at=at)


async def open_channel(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises NoSuchChannel, and ChangeHasNoEffect where it is open."""
    said = api.OpenChannel.model_validate(content)
    known = await Channels(session).locked(said.channel)
    if known.is_open:
        raise ChangeHasNoEffect
    await Channels(session).save(known.open(by=by, at=at))


async def rule_channel(session: WriteSession, content: Mapping[str, Any], by: OfficerId, at: datetime) -> None:
    """Raises NoSuchChannel and what `Channel.follow` raises."""
    said = api.ChannelFollows.model_validate(content)
    known = await Channels(session).locked(said.channel)
    await Channels(session).save(known.follow(policy_of(said.policy), by=by, at=at))
