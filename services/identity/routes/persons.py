from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose, guard
from contracts.api.identity import persons as api
from contracts.permissions import Permission
from contracts.values import Grade, PersonId
from services.identity import passwords
from services.identity.commands import registration
from services.identity.domain.persons import ProviderAway
from services.identity.queries import persons as queries
from services.identity.repository import Persons
from services.identity.routes.dependencies import Providers

router = Router()

_PROFILE_ITEMS = ("name", "resident_id", "phone", "sex", "birth_on")


@router.post("/sms-codes", status_code=202, **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY))
async def send_code(body: api.SendCode, database: Database, clock: Clock, providers: Providers, sealer: Sealer) -> api.CodeSent:
    """Send a code to a phone, at most one a minute."""
    async with database.transaction() as session:
        code, expires_at = await registration.claim_code(session, body.phone, sealer, at=clock.now())
    try:
        await registration.send_code(providers, body.phone, code)
    except ProviderAway:
        async with database.transaction() as session:
            await registration.forget_code(session, body.phone, sealer)
        raise
    return api.CodeSent(expires_at=expires_at)


@router.post("/registrations", status_code=201, **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY))
async def register(body: api.Register, database: Database, clock: Clock, providers: Providers, sealer: Sealer) -> api.Registered:
    """Register a person by name, resident id, phone and one more proof, all checked at their sources."""
    async with database.transaction() as session:
        is_right = await registration.try_code(session, body, sealer, at=clock.now())
    registration.refuse_wrong_code(is_right=is_right)
    proof = await registration.check_identity(providers, body)
    password = await passwords.hashed(body.password)
    async with database.transaction() as session:
        person = await registration.register(session, body, sealer, password=password, proof=proof, at=clock.now())
    return api.Registered(person_id=person.id, assurance=int(person.assurance))


@router.post("/persons/me/verifications", **guard(Permission.PERSON_VERIFY, audience=Audience.PERSON, assurance=2, grade=Grade.SENSITIVE))
async def verify(body: api.Verify, caller: Caller, database: Database, clock: Clock, providers: Providers, sealer: Sealer) -> api.Verified:
    """Become a real person by a live face check. Tokens say so from the next sign-on or refresh."""
    person_id, sign_on = caller.required_person(), caller.required_session()
    async with database.reading() as session:
        person = await Persons(session, sealer).get(person_id)
    proof = await registration.check_face(providers, person, body.capture)
    async with database.transaction() as session:
        verified = await registration.verify_real_person(session, person_id, sealer, proof=proof, sign_on=sign_on, at=clock.now())
    return api.Verified(assurance=int(verified.assurance), reference=proof.reference)


@router.get("/persons/me", **guard(Permission.PERSON_READ, audience=Audience.PERSON, assurance=1, grade=Grade.PERSONAL))
async def me(caller: Caller, database: Database, sealer: Sealer, response: Response) -> api.Person:
    async with database.reading() as session:
        person = await Persons(session, sealer).get(caller.required_person())
    disclose(response, subjects=[person.id], purpose="account", items=("name",))
    return queries.own_account(person)


@router.get(
    "/persons/{person_id}/profile",
    **guard(audience=Audience.INTERNAL, services=("application", "certificate", "catalogue"), grade=Grade.SENSITIVE),
)
async def profile(person_id: PersonId, caller: Caller, database: Database, sealer: Sealer, response: Response) -> api.Profile:
    async with database.reading() as session:
        found = await queries.profile(session, person_id, sealer)
    disclose(response, subjects=[person_id], purpose=caller.purpose or "unstated", grade=Grade.SENSITIVE, items=_PROFILE_ITEMS)
    return found
