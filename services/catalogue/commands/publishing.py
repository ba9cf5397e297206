"""The one way by which versions are published: imports, drafts and revisions of forms all come through here. Source: ADR-0038."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.database import WriteSession
from chassis.messaging import publish as tell
from contracts.api.catalogue import FormField, Matter
from contracts.events.catalogue import MatterPublished
from services.catalogue.domain.lifecycle import MatterRetired, VersionScheduled
from services.catalogue.domain.matters import digest_of
from services.catalogue.repository.matters import Catalogue, Head

_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """A version that would be published: it says something else than the last one, which is in force from `not_before` on."""

    matter: Matter
    form: tuple[FormField, ...]
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
    heads = await catalogue.heads(codes)
    found = []
    for matter in matters:
        head = heads.get(matter.basic_code)
        digest = digest_of(matter, dictionary)
        if head and head.digest == digest:
            continue
        if head and head.state == "retired":
            raise MatterRetired(f"{matter.basic_code} is retired", basic_code=matter.basic_code)
        form = tuple(dictionary[name] for name in matter.form)
        found.append(Planned(matter, form, head.version + 1 if head else 1, digest, head.effective_at if head else None))
    return found


async def publish(session: WriteSession, planned: Sequence[Planned], *, at: datetime, effective_at: datetime | None = None) -> None:
    """Publish what was planned in this transaction, in force from `effective_at` on, and tell the mesh.

    Without a moment it is in force at once, or together with the last version where that is still to come: versions come into
    force in their order. Raises VersionScheduled when `effective_at` is before that.
    """
    catalogue = Catalogue(session)
    for each in planned:
        from_at = effective_at or max(at, each.not_before or at)
        if each.not_before and from_at < each.not_before:
            raise VersionScheduled(f"version {each.version - 1} comes into force later", effective_at=each.not_before)
        await catalogue.publish(each.matter, each.form, Head(each.version, each.digest, from_at), at)
        fact = MatterPublished(basic_code=each.matter.basic_code, version=each.version, published_at=at, effective_at=from_at)
        await tell(session, fact, at=at)


async def settle(session: WriteSession, *, at: datetime) -> bool:
    """Let matters be found as they are by now: what was published or decided for later has come into force.

    Several may do this at once: each takes matters that no other has. True while there may be more.
    """
    return await Catalogue(session).settle(at, _AT_ONCE) == _AT_ONCE
