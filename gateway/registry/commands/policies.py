import asyncio
from collections.abc import Mapping
from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.events.gateway import PolicyChanged
from contracts.values import OfficerId
from gateway.registry.domain.policies import PolicyVersion, check_text, digest_of
from gateway.registry.repository import WritablePolicyVersions


async def propose(session: WriteSession, files: Mapping[str, str], note: str, *, by: OfficerId, at: datetime) -> PolicyVersion:
    """Raises PolicyTextIsNotAcceptable."""
    await _check(0, files)
    versions = WritablePolicyVersions(session)
    number = await versions.next_number()
    in_force = await versions.in_force()
    based_on = in_force.version if in_force else None
    proposed = PolicyVersion(number, files, "proposed", note, at, based_on, by)
    await versions.add(proposed)
    return proposed


async def approve(session: WriteSession, number: int, *, by: OfficerId, at: datetime) -> PolicyVersion:
    """Another officer brings it into force, everywhere within seconds."""
    versions = WritablePolicyVersions(session)
    proposed = await versions.locked(number)
    in_force = await versions.in_force()
    approved = proposed.approve(by=by, at=at, in_force=in_force.version if in_force else None)
    # What was acceptable under another release of the engine may not be today.
    await _check(number, approved.files)
    await versions.save(approved)
    await publish(session, PolicyChanged(version=number), at=at)
    return approved


async def _check(number: int, files: Mapping[str, str]) -> None:
    """Reading and trying out a large text takes a second or two: beside the requests of others, not before them."""
    await asyncio.to_thread(check_text, number, files)


async def withdraw(session: WriteSession, number: int) -> PolicyVersion:
    versions = WritablePolicyVersions(session)
    withdrawn = (await versions.locked(number)).withdraw()
    await versions.save(withdrawn)
    return withdrawn


async def release(session: WriteSession, files: Mapping[str, str], *, at: datetime) -> None:
    """The text that comes with this release. What officers brought into force stays: then the release's text is proposed."""
    versions = WritablePolicyVersions(session)
    number = await versions.next_number()
    known, in_force = await versions.newest_of_release(), await versions.in_force()
    if in_force and known and known.digest == digest_of(files):
        return
    check_text(number, files)
    if in_force and in_force.proposed_by is not None:
        await versions.add(PolicyVersion(number, files, "proposed", "the text of the release", at, in_force.version))
        return
    await versions.add(PolicyVersion(number, files, "in-force", "the text of the release", at, loaded_at=at))
    await publish(session, PolicyChanged(version=number), at=at)
