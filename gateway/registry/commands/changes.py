"""What widens access: proposed by one officer, in force when another approves it, in the transaction of the approval."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from chassis.database import WriteSession
from contracts.api import gateway as api
from contracts.values import Id, OfficerId
from gateway.registry.commands import changes_of_parties, changes_of_reach
from gateway.registry.domain.changes import Change
from gateway.registry.repository import WritableChanges

Applier = Callable[[WriteSession, Mapping[str, Any], OfficerId, datetime], Awaitable[None]]
"""Brings a change into force: its content as JSON of the model of its kind, the officer who approves, and when.

Raises a ServiceError when it cannot be: the change then stays proposed.
"""

APPLIERS: Final[dict[str, Applier]] = {
    "party.resume": changes_of_parties.resume,
    "party.renew": changes_of_parties.renew,
    "party.limits": changes_of_parties.limit,
    "party.networks": changes_of_parties.place,
    "party.key": changes_of_parties.add_key,
    "party.officers": changes_of_parties.staff,
    "party.channels": changes_of_parties.admit_through,
    "party.redirects": changes_of_parties.redirect,
    "resource.reactivate": changes_of_reach.reactivate_resource,
    "resource.widen": changes_of_reach.widen_resource,
    "negative.lift": changes_of_reach.lift_negative,
    "channel.open": changes_of_reach.open_channel,
    "channel.policy": changes_of_reach.rule_channel,
}
"""Kind of change → what brings it into force."""


async def propose(session: WriteSession, wanted: api.ProposeChange, *, by: OfficerId, at: datetime) -> Change:
    content = wanted.content
    change = Change(Id.new(), content.kind, content.target(), content.model_dump(mode="json", exclude_unset=True), wanted.reason, by, at)
    await WritableChanges(session).add(change)
    return change


async def approve(session: WriteSession, change_id: Id, *, by: OfficerId, at: datetime) -> Change:
    known = await WritableChanges(session).locked(change_id)
    approved = known.approve(by=by, at=at)
    if approved is not known:
        await APPLIERS[known.kind](session, known.content, by, at)
        await WritableChanges(session).save(approved)
    return approved


async def refuse(session: WriteSession, change_id: Id, note: str, *, by: OfficerId, at: datetime) -> Change:
    known = await WritableChanges(session).locked(change_id)
    return await _decided(session, known, known.refuse(note, by=by, at=at))


async def withdraw(session: WriteSession, change_id: Id, *, by: OfficerId, at: datetime) -> Change:
    known = await WritableChanges(session).locked(change_id)
    return await _decided(session, known, known.withdraw(by=by, at=at))


async def _decided(session: WriteSession, before: Change, after: Change) -> Change:
    if after is not before:
        await WritableChanges(session).save(after)
    return after
