from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.api import catalogue as api
from contracts.events.catalogue import MatterPublished
from services.catalogue.domain import ImportRefused, digest_of, errors_in
from services.catalogue.repository import Catalogue


async def take(session: WriteSession, document: api.ImportCatalogue, *, at: datetime) -> api.Imported:
    """Take a department's document whole, or raise ImportRefused with every broken rule.

    Rows that say what is already published change nothing; the others become new versions.
    """
    catalogue = Catalogue(session)
    await catalogue.lock()
    known_agencies, known_divisions, known_fields = await catalogue.known()
    errors = errors_in(
        document,
        agencies=known_agencies | {each.code for each in document.agencies},
        divisions=known_divisions | {each.code for each in document.divisions},
        fields=known_fields | {each.name for each in document.fields},
    )
    if errors:
        raise ImportRefused(f"{len(errors)} rules are broken", errors=errors[:100])
    published = await catalogue.digests()
    changed = [matter for matter in document.matters if published.get(matter.basic_code, (0, b""))[1] != digest_of(matter)]
    created = sum(matter.basic_code not in published for matter in changed)
    if not document.dry_run:
        await catalogue.put_base(document.divisions, document.agencies, document.fields)
        for matter in changed:
            version = published.get(matter.basic_code, (0, b""))[0] + 1
            await catalogue.publish(matter, version, at)
            await publish(session, MatterPublished(basic_code=matter.basic_code, version=version, published_at=at), at=at)
    return api.Imported(
        created=created, revised=len(changed) - created, unchanged=len(document.matters) - len(changed), dry_run=document.dry_run
    )
