"""Legal persons: known by their representative, read by those who act for them, and by services."""

from typing import Final

from fastapi import Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api.identity import organisations as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CreditCode, Grade, OrganisationId
from services.identity.commands import organisations as commands
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.queries import organisations as queries
from services.identity.queries.credit import CREDIT_ITEM
from services.identity.repository import Organisations, Persons
from services.identity.routes.dependencies import Providers, Standings, WithCredit

router = Router()

_REGISTERS = guard(Permission.ORGANISATION_REGISTER, audience=Audience.PERSON, assurance=2)
_PROFILE_ITEMS: Final[tuple[str, ...]] = ("name", "credit_code", "representative")
_READS = guard(Permission.ORGANISATION_READ, audience=Audience.PERSON, assurance=2)


@router.post("/organisations/registrations", status_code=201, response_model=api.Organisation, **_REGISTERS)
async def register(
    body: api.RegisterOrganisation, caller: Caller, database: Database, clock: Clock, once: Once, providers: Providers, sealer: Sealer
) -> Response:
    """I represent this company, and the registry says so too. Again, it is checked anew; a new representative takes over so."""
    if earlier := await once.stored():
        return earlier
    person_id = caller.required_person()
    async with database.reading() as reading:
        person = await Persons(reading, sealer).get(person_id)
    result = await commands.check_at_registry(providers, body, person)
    async with database.transaction() as session:
        await commands.note_dissolved(session, body, result, sealer, at=clock.now())
    commands.refuse_unconfirmed(result)

    async def work(session: WriteSession) -> api.Organisation:
        return queries.presented(await commands.register(session, body, person_id, sealer, proof=result, at=clock.now()))

    return await once.answer(work, status=201)


@router.get("/organisations/me", **_READS)
async def mine(caller: Caller, database: Database) -> Page[api.Organisation]:
    """Those I represent."""
    async with database.reading() as session:
        return await queries.represented_by(session, caller.required_person())


@router.get("/organisations/{organisation_id}", **guard(Permission.ORGANISATION_READ, audience=Audience.SUBJECT, assurance=2))
async def read(organisation_id: OrganisationId, caller: Caller, database: Database) -> api.Organisation:
    """For whoever acts for it."""
    if caller.organisation != organisation_id:
        raise NoSuchOrganisation
    async with database.reading() as session:
        return queries.presented(await Organisations(session).get(organisation_id))


@router.post("/organisations/{organisation_id}/licence-challenges", status_code=201, **_REGISTERS)
async def challenge(organisation_id: OrganisationId, caller: Caller, database: Database, clock: Clock) -> api.LicenceChallenge:
    """Something for the electronic business licence to answer, once and within five minutes."""
    async with database.transaction() as session:
        return await commands.challenge(session, organisation_id, caller.required_person(), at=clock.now())


@router.post("/organisations/{organisation_id}/licence", **_REGISTERS)
async def show_licence(
    organisation_id: OrganisationId,
    body: api.ShowLicence,
    caller: Caller,
    database: Database,
    clock: Clock,
    providers: Providers,
    sealer: Sealer,
) -> api.Organisation:
    """The licence answered: the company is certified, and so am I. Tokens say so from the next sign-on or refresh."""
    person_id, sign_on = caller.required_person(), caller.required_session()
    async with database.transaction() as session:
        organisation = await commands.use_challenge(session, organisation_id, person_id, body, at=clock.now())
        person = await Persons(session, sealer).get(person_id)
    proof = await commands.check_licence(providers, organisation, person, body)
    async with database.transaction() as session:
        certified = await commands.certify(session, organisation_id, person_id, sealer, proof=proof, sign_on=sign_on, at=clock.now())
    return queries.presented(certified)


@router.get(
    "/organisations/{organisation_id}/profile",
    **guard(audience=Audience.INTERNAL, services=("application", "certificate", "gateway"), grade=Grade.SENSITIVE),
)
async def profile(
    organisation_id: OrganisationId,
    caller: Caller,
    database: Database,
    sealer: Sealer,
    standings: Standings,
    response: Response,
    with_credit: WithCredit,
) -> api.OrganisationProfile:
    """Of the representative only the name is there, which is public in the registry too; the credit is the organisation's."""
    async with database.reading() as session:
        found = await queries.profile(session, organisation_id, sealer)
    grade, items = Grade.PERSONAL, _PROFILE_ITEMS
    if with_credit:
        found = found.model_copy(update={"credit": await standings.of(CreditCode(found.credit_code.value))})
        grade, items = Grade.SENSITIVE, (*items, CREDIT_ITEM)
    disclose(response, organisations=[organisation_id], purpose=caller.purpose or "unstated", grade=grade, items=items)
    return found
