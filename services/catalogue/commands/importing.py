from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.api import catalogue as api
from contracts.events.catalogue import MatterPublished
from services.catalogue.domain.matters import ImportRefused, digest_of, errors_in
from services.catalogue.repository.matters import Catalogue
from services.catalogue.repository.search import SearchIndex


async def take(session: WriteSession, document: api.ImportCatalogue, *, at: datetime) -> api.Imported:
    """Take a department's document whole, or raise ImportRefused with every broken rule.

    What says the same as what is published changes nothing; the rest become new versions, and so do published matters
    whose form has a field that the document changes: a version has one form for ever.
    """
    catalogue = Catalogue(session)
    await catalogue.lock()
    known_agencies, known_divisions = await catalogue.known()
    known_fields = await catalogue.dictionary()
    dictionary = known_fields | {each.name: each for each in document.fields}
    errors = errors_in(
        document,
        agencies=known_agencies | {each.code for each in document.agencies},
        divisions=known_divisions | {each.code for each in document.divisions},
        fields=dictionary.keys(),
    )
    if errors:
        raise ImportRefused(f"{len(errors)} rules are broken", errors=errors[:100])
    given = {matter.basic_code for matter in document.matters}
    asking = await catalogue.asking_for(name for name, field in dictionary.items() if known_fields.get(name, field) != field)
    published = await catalogue.digests()
    digests = {matter.basic_code: digest_of(matter, dictionary) for matter in (*asking, *document.matters)}
    matters = [*document.matters, *(matter for matter in asking if matter.basic_code not in given)]
    changed = [matter for matter in matters if published.get(matter.basic_code, (0, b""))[1] != digests[matter.basic_code]]
    created = sum(matter.basic_code not in published for matter in changed)
    if not document.dry_run:
        await catalogue.put_base(document.divisions, document.agencies, document.fields)
        for matter in changed:
            version = published.get(matter.basic_code, (0, b""))[0] + 1
            form = [dictionary[name] for name in matter.form]
            await catalogue.publish(matter, form, version, digests[matter.basic_code], at)
            await publish(session, MatterPublished(basic_code=matter.basic_code, version=version, published_at=at), at=at)
        await SearchIndex(session).put_agencies(document.agencies)
        await SearchIndex(session).put(changed)
    unchanged = len(given - {matter.basic_code for matter in changed})
    return api.Imported(created=created, revised=len(changed) - created, unchanged=unchanged, dry_run=document.dry_run)
