from typing import Any

from sqlalchemy import Row, select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import CaseNumber, MandateId, OfficerId, OrganisationId, PartyId, PersonId
from gateway.registry.tables import decisions

_PAGE = 100


async def decisions_of(
    session: ReadSession, *, party_id: PartyId | None, case: CaseNumber | None, request_id: str | None, after: int
) -> Page[api.Decision]:
    """Newest last, `after` an id of the page before."""
    query = select(decisions).where(decisions.c.id > after).order_by(decisions.c.id).limit(_PAGE)
    for column, value in ((decisions.c.party, party_id), (decisions.c.case_number, case), (decisions.c.request_id, request_id)):
        if value is not None:
            query = query.where(column == value)
    rows = (await session.execute(query)).all()
    return Page(items=[present(row) for row in rows], next=str(rows[-1].id) if len(rows) == _PAGE else None)


def present(row: Row[Any]) -> api.Decision:
    return api.Decision(
        request_id=row.request_id,
        at=row.at,
        route=row.route or f"{row.method} {row.path}",
        status=row.status,
        party=PartyId(row.party) if row.party else None,
        party_kind=row.party_kind,
        person=PersonId(row.person) if row.person else None,
        organisation=OrganisationId.read(row.organisation),
        actor=PersonId.read(row.actor),
        mandate=MandateId.read(row.mandate),
        officer=OfficerId(row.officer) if row.officer else None,
        case_number=CaseNumber(row.case_number) if row.case_number else None,
        refused_by=row.refused_by,
        rule=row.rule,
        code=row.code,
        rooms=row.rooms,
        policy_version=row.policy_version,
        trace_id=row.trace_id,
        duration_ms=row.duration_ms,
    )
