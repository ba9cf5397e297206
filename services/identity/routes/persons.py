from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose, guard
from contracts.api.identity import persons as api
from contracts.permissions import Permission
from contracts.values import Grade, PersonId
from services.identity.queries import applicants
from services.identity.queries import persons as queries
from services.identity.queries.credit import CREDIT_ITEM
from services.identity.repository import Persons
from services.identity.routes.dependencies import Standings, WithCredit
from services.identity.routes.short_profiles import PROFILE_ITEMS, PROFILE_READERS

router = Router()


@router.get("/persons/me", **guard(Permission.PERSON_READ, audience=Audience.PERSON, assurance=1, grade=Grade.PERSONAL))
async def me(caller: Caller, database: Database, sealer: Sealer, response: Response) -> api.Person:
    async with database.reading() as session:
        person = await Persons(session, sealer).get(caller.required_person())
    disclose(response, subjects=[person.id], purpose="account", items=("name",))
    return queries.own_account(person)


@router.get(
    "/persons/{person_id}/profile",
    **guard(audience=Audience.INTERNAL, services=PROFILE_READERS, grade=Grade.SENSITIVE),
)
async def profile(
    person_id: PersonId,
    caller: Caller,
    database: Database,
    clock: Clock,
    sealer: Sealer,
    standings: Standings,
    response: Response,
    with_credit: WithCredit,
) -> api.Profile:
    """With the credit of the person where that is asked for: one look at all of it."""
    async with database.reading() as session:
        found = await queries.profile(session, person_id, sealer, at=clock.now())
        number = (await applicants.number_of(session, found.person_id, sealer))[0] if with_credit else None
    items: tuple[str, ...] = PROFILE_ITEMS
    if number:
        found, items = found.model_copy(update={"credit": await standings.of(number)}), (*items, CREDIT_ITEM)
    disclose(response, subjects=[person_id], purpose=caller.purpose or "unstated", grade=Grade.SENSITIVE, items=items)
    return found
