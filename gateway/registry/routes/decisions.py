from typing import Annotated

from fastapi import Query

from chassis.http import Audience, Database, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, Id, PartyId, PersonId
from gateway.registry.queries import decisions as queries

router = Router()


@router.get("/decisions", **guard(Permission.DECISION_READ, audience=Audience.OPERATOR))
async def decisions(
    database: Database,
    party: PartyId | None = None,
    person: PersonId | None = None,
    case: CaseNumber | None = None,
    request: Id | None = None,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Page[api.Decision]:
    """What the six rooms decided, by party, person, case or request."""
    async with database.reading() as session:
        return await queries.decisions_of(session, party_id=party, person_id=person, case=case, request_id=request, after=after)
