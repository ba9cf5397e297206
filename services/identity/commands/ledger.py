"""What the mesh tells identity: who its clients are, and who looked at whose data."""

from sqlalchemy import insert

from chassis.database import WriteSession
from contracts.events.access import DataAccessed
from contracts.events.gateway import PartyChanged
from services.identity.repository import Clients
from services.identity.tables import accesses


async def keep_client(session: WriteSession, event: PartyChanged) -> None:
    await Clients(session).put(event)


async def keep_access(session: WriteSession, event: DataAccessed) -> None:
    """One entry in the ledger of every person whose data was seen."""
    said = {
        "at": event.at,
        "owner": event.owner,
        "service": event.service,
        "party": event.party,
        "officer": event.officer,
        "by_person": event.person,
        "grade": event.grade,
        "purpose": event.purpose,
        "case_number": event.case_number,
        "items": list(event.items),
    }
    await session.execute(insert(accesses), [{"person_id": subject, **said} for subject in event.subjects])
