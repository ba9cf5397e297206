from typing import Annotated

from fastapi import Depends, Query

from chassis.http import Audience, Caller, Database, Router, Sealer, guard
from contracts.api.identity import ledger as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, Grade, PartyId
from services.identity.queries import ledger
from services.identity.routes.dependencies import Organisation

router = Router()


async def _looks(case_number: CaseNumber | None = None, by: api.By | None = None, party: PartyId | None = None) -> ledger.Looks:
    return ledger.Looks(case_number, by, party)


Looks = Annotated[ledger.Looks, Depends(_looks)]
After = Annotated[int, Query(ge=0, le=2**62)]


@router.get("/persons/me/accesses", **guard(Permission.ACCESS_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def of_person(caller: Caller, database: Database, sealer: Sealer, looks: Looks, after: After = 0) -> Page[api.Access]:
    """Everyone who looked at my data, for which case and purpose."""
    async with database.reading() as session:
        return await ledger.accesses_of(session, caller.required_person(), sealer, looks, after=after)


@router.get("/organisations/me/accesses", **guard(Permission.ACCESS_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def of_organisation(
    organisation: Organisation, database: Database, sealer: Sealer, looks: Looks, after: After = 0
) -> Page[api.Access]:
    """Everyone who looked at the data of the organisation I act for."""
    async with database.reading() as session:
        return await ledger.accesses_of(session, organisation, sealer, looks, after=after)
