from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish_all
from contracts.api.catalogue import FormField, Matter
from contracts.events.catalogue import MatterPublished
from services.catalogue.repository import changes
from services.catalogue.repository.matters import Catalogue


@dataclass(frozen=True, slots=True)
class Planned:
    matter: Matter
    form: tuple[FormField, ...]
    version: int
    digest: bytes
    not_before: datetime | None


async def publish(session: WriteSession, planned: Sequence[Planned], *, at: datetime, effective_at: datetime | None = None) -> None:
    catalogue = Catalogue(session)
    for each in planned:
        await catalogue.publish(each.matter, each.form, each.version, each.digest, at)
    await publish_all(
        session, [(MatterPublished(basic_code=each.matter.basic_code, version=each.version, published_at=at), at) for each in planned]
    )
    await changes.record(
        session, [changes.Change(each.matter.basic_code, each.version, "published", effective_at or at) for each in planned], at=at
    )
