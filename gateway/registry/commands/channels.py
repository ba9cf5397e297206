from datetime import datetime
from typing import Final

from chassis.database import WriteSession
from contracts.api import gateway as api
from contracts.values import OfficerId
from gateway.registry.domain.channels import Channel, ChannelIsKnown, Hours, Policy
from gateway.registry.repository.channels import Channels

_NOT_YET: Final = ("尚未开放", "Not opened yet")


async def register(session: WriteSession, wanted: api.RegisterChannel, *, by: OfficerId, at: datetime) -> Channel:
    """A channel that nothing comes through before somebody else has opened it. Raises ChannelIsKnown."""
    policy = policy_of(wanted.policy)
    policy.check()
    channel = Channel(wanted.code, wanted.zh, wanted.en, policy, is_open=False, changed_at=at, closed_for=_NOT_YET, changed_by=by)
    if not await Channels(session).add(channel):
        raise ChannelIsKnown
    return channel


async def close(session: WriteSession, code: str, why: api.CloseChannel, *, by: OfficerId, at: datetime) -> Channel:
    """Raises NoSuchChannel, ChannelIsNotOpen, OfficersWouldBeShutOut."""
    closed = (await Channels(session).locked(code)).close(why.zh, why.en, by=by, at=at)
    await Channels(session).save(closed)
    return closed


async def narrow(session: WriteSession, code: str, policy: api.ChannelPolicy, *, by: OfficerId, at: datetime) -> Channel:
    """Raises NoSuchChannel, PolicyWidens and what `Channel.follow` raises."""
    narrowed = (await Channels(session).locked(code)).narrow(policy_of(policy), by=by, at=at)
    await Channels(session).save(narrowed)
    return narrowed


def policy_of(said: api.ChannelPolicy) -> Policy:
    hours = Hours(frozenset(said.hours.days), said.hours.opens, said.hours.closes) if said.hours else None
    return Policy(
        kinds=frozenset(said.kinds),
        audiences=frozenset(said.audiences),
        grade=said.grade,
        assurance=said.assurance,
        may_write=said.may_write,
        origins=frozenset(said.origins),
        hours=hours,
    )
