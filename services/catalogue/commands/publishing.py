"""The one way by which versions are published: imports, drafts and revisions of forms all come through here. Source: ADR-0038."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.database import WriteSession
from chassis.messaging import publish_all
from contracts.api.catalogue import FormField, Matter
from contracts.events.catalogue import MatterPublished
from services.catalogue.domain.lifecycle import MatterRetired, VersionScheduled
from services.catalogue.domain.matters import digest_of
from services.catalogue.repository import changes
from services.catalogue.repository.matters import Catalogue, Head
from services.catalogue.repository.rendered import Rendered, rendered

_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """A version that would be published: it says something else than the last one, which is in force from `not_before` on."""

    said: Rendered
    version: int
    digest: bytes
    not_before: datetime | None


async def plan(session: WriteSession, matters: Sequence[Matter], dictionary: Mapping[str, FormField]) -> list[Planned]:
    """Which of these matters say something else than their last version, as their next versions, in the order given.

    From here to the end of the transaction nobody else publishes them: a single matter is locked alone, several lock all.
    Raises MatterRetired.
    """
    catalogue = Catalogue(session)
    codes = {matter.basic_code for matter in matters}
    if len(codes) == 1:
        await catalogue.lock_matter(next(iter(codes)))
    else:
        await catalogue.lock()
    heads, areas = await catalogue.heads(codes), await catalogue.areas()
    found = []
    for matter in matters:
        head = heads.get(matter.basic_code)
        digest = digest_of(matter, dictionary)
        if head and head.digest == digest:
            continue
        if head and head.state == "retired":
            raise MatterRetired(f"{matter.basic_code} is retired", basic_code=matter.basic_code)
        said = rendered(matter, [dictionary[name] for name in matter.form], areas)
        found.append(Planned(said, head.last + 1 if head else 1, digest, head.effective_at if head else None))
    return found


async def publish(session: WriteSession, planned: Sequence[Planned], *, at: datetime, effective_at: datetime | None = None) -> None:
    """Publish what was planned in this transaction, in force from `effective_at` on, and tell the mesh.

    Without a moment it is in force at once, or together with the last version where that is still to come: versions come into
    force in their order. Raises VersionScheduled when `effective_at` is before that.
    """
    versions = [(each.said, Head(each.version, each.digest, _from(each, at, effective_at))) for each in planned]
    await Catalogue(session).publish(versions, at)
    told = [
        MatterPublished(basic_code=said.matter.basic_code, version=head.version, published_at=at, effective_at=head.effective_at)
        for said, head in versions
    ]
    await publish_all(session, [(fact, at) for fact in told])
    entries = [changes.Change(said.matter.basic_code, head.version, "published", head.effective_at) for said, head in versions]
    await changes.record(session, entries, at=at)


def _from(planned: Planned, at: datetime, effective_at: datetime | None) -> datetime:
    from_at = effective_at or max(at, planned.not_before or at)
    if planned.not_before and from_at < planned.not_before:
        raise VersionScheduled(f"version {planned.version - 1} comes into force later", effective_at=planned.not_before)
    return from_at


async def settle(session: WriteSession, *, at: datetime) -> bool:
    """Let matters be found as they are by now: what was published or decided for later has come into force.

    Several may do this at once: each takes matters that no other has. True while there may be more.
    """
    return await Catalogue(session).settle(at, _AT_ONCE) == _AT_ONCE
