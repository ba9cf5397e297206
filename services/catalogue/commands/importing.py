from datetime import datetime

from chassis.database import WriteSession
from contracts.api import catalogue as api
from services.catalogue.commands import publishing
from services.catalogue.domain.matters import ImportRefused, errors_in
from services.catalogue.repository.matters import Catalogue


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
        areas=await catalogue.areas() | {each.code: each.area for each in document.agencies if each.area},
        divisions=known_divisions | {each.code for each in document.divisions},
        fields=dictionary.keys(),
    )
    if errors:
        raise ImportRefused(f"{len(errors)} rules are broken", errors=errors[:100])
    given = {matter.basic_code for matter in document.matters}
    asking = await catalogue.asking_for(name for name, field in dictionary.items() if known_fields.get(name, field) != field)
    planned = await publishing.plan(session, [*document.matters, *(each for each in asking if each.basic_code not in given)], dictionary)
    created = sum(each.version == 1 for each in planned)
    if not document.dry_run:
        await catalogue.put_base(document.divisions, document.agencies, document.fields)
        await publishing.publish(session, planned, at=at)
    unchanged = len(given - {each.matter.basic_code for each in planned})
    return api.Imported(created=created, revised=len(planned) - created, unchanged=unchanged, dry_run=document.dry_run)
