from datetime import datetime

from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid, func, select

from chassis.database import ReadSession
from contracts.values import PartyId

_runs = Table(
    "conformance_runs",
    MetaData(),
    Column("party", Uuid(as_uuid=False)),
    Column("state", Text),
    Column("ended_at", DateTime(timezone=True)),
)


async def latest_pass(session: ReadSession, party_id: PartyId) -> datetime | None:
    """When the party last passed a run of the conformance kit."""
    found = await session.execute(select(func.max(_runs.c.ended_at)).where(_runs.c.party == party_id, _runs.c.state == "passed"))
    passed: datetime | None = found.scalar_one()
    return passed
