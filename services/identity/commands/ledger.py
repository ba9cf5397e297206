"""What the mesh tells identity: who its clients are, and who looked at whose data."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select

from chassis.database import WriteSession
from contracts.events.access import DataAccessed
from contracts.events.gateway import PartyChanged
from services.identity.repository import Clients
from services.identity.tables import accesses

_PURGED_AT_ONCE: Final = 5000


async def keep_client(session: WriteSession, event: PartyChanged) -> None:
    await Clients(session).put(event)


async def keep_accesses(session: WriteSession, events: Iterable[DataAccessed]) -> None:
    """One entry in the ledger of every person and organisation whose data was seen."""
    await session.execute(insert(accesses), [entry for event in events for entry in _entries(event)])


def _entries(event: DataAccessed) -> list[dict[str, Any]]:
    said = {
        "at": event.at,
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
