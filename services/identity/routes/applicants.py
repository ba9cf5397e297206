"""What intake asks of applicants: whose account a document is, and whether their word may stand for a proof."""

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose, guard
from contracts.api.identity import standing as api
from contracts.values import Grade, Id, OrganisationId, PersonId
from services.identity.commands import applicants as commands
from services.identity.queries import applicants as queries
from services.identity.queries.credit import CREDIT_ITEM, CREDIT_READERS
from services.identity.routes.dependencies import Standings

router = Router()


@router.post("/applicants", **guard(audience=Audience.INTERNAL, services=("application",), grade=Grade.PERSONAL))
async def known(
    body: api.AskApplicant, caller: Caller, database: Database, clock: Clock, sealer: Sealer, response: Response
) -> api.KnownApplicant:
    """By name and document, as an officer has them in hand; with by which mandate they act for another, where they say so."""
    async with database.reading() as session:
        found = await queries.known(session, body, caller.agency, sealer)
    persons, organisations = [found.person_id], []
    if body.acting_for:
        async with database.transaction() as writing:
            said = (writing, found.person_id, found.assurance, body.acting_for, sealer)
            authority = await commands.authority(*said, at=clock.now())
        found = found.model_copy(update={"acting_for": authority})
        persons += [authority.person_id] if authority.person_id else []
        organisations += [authority.organisation_id] if authority.organisation_id else []
    disclose(response, subjects=persons, organisations=organisations, purpose=caller.purpose or "unstated", items=("assurance",))
    return found


@router.get("/subjects/{subject_id}/credit", **guard(audience=Audience.INTERNAL, services=CREDIT_READERS, grade=Grade.SENSITIVE))
async def credit(
    subject_id: Id, caller: Caller, database: Database, standings: Standings, sealer: Sealer, response: Response
) -> api.CreditStanding:
    """As the register of serious breaches of trust says, now or a short time ago."""
    async with database.reading() as session:
        number, is_person = await queries.number_of(session, subject_id, sealer)
    found = await standings.of(number)
    purpose, items = caller.purpose or "unstated", (CREDIT_ITEM,)
    if is_person:
        disclose(response, subjects=[PersonId(subject_id)], purpose=purpose, grade=Grade.SENSITIVE, items=items)
    else:
        disclose(response, organisations=[OrganisationId(subject_id)], purpose=purpose, grade=Grade.SENSITIVE, items=items)
    return found
