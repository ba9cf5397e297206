"""What the mesh tells identity: who its clients are, and who looked at whose data."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Text, bindparam, cast, delete, func, insert, select
from sqlalchemy import column as sa_column

from chassis.database import WriteSession
from contracts.events.access import DataAccessed
from contracts.events.gateway import PartyChanged
from services.identity.repository import Clients
from services.identity.tables import accesses

# As a statement of its own for each entry it would cost several times as much, here and there.
_KEPT: Final = tuple(column for column in accesses.columns if column.name != "id")
_ENTRIES: Final = func.json_to_recordset(cast(bindparam("entries", type_=Text), JSON)).table_valued(
    *(sa_column(each.name, each.type) for each in _KEPT)
)
_KEEP: Final = insert(accesses).from_select(_KEPT, select(*_ENTRIES.render_derived(name="entry", with_types=True).c))
_PURGED_AT_ONCE: Final = 5000


async def keep_client(session: WriteSession, event: PartyChanged) -> None:
    await Clients(session).put(event)


async def keep_accesses(session: WriteSession, events: Iterable[DataAccessed]) -> None:
    """One entry in the ledger of every person and organisation whose data was seen: of many in one statement."""
    entries = [entry for event in events for entry in _entries(event)]
    await session.execute(_KEEP, {"entries": json.dumps(entries, ensure_ascii=False)})


def _entries(event: DataAccessed) -> list[dict[str, Any]]:
    said = {
        "at": event.at.isoformat(),
        "owner": event.owner,
        "service": event.service,
        "party": event.party,
        "officer": event.officer,
        "by_person": event.person,
        "mandate": event.mandate,
        "grade": event.grade,
        "purpose": event.purpose,
        "case_number": event.case_number,
        "items": list(event.items),
    }
    persons = [{"person_id": each, "organisation_id": None, **said} for each in event.subjects]
    organisations = [{"person_id": None, "organisation_id": each, **said} for each in event.organisations]
    return persons + organisations


async def purge_accesses(session: WriteSession, at: datetime, *, months: int) -> int:
    """Some of the looks that are older than so many calendar months, and how many."""
    await session.execute(select(func.set_config("tongban.purging_accesses", "on", True)))
    old = select(accesses.c.id).where(accesses.c.at < at - func.make_interval(0, months)).limit(_PURGED_AT_ONCE)
    return (await session.execute(delete(accesses).where(accesses.c.id.in_(old)))).rowcount
