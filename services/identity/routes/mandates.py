"""Who may act for whom, by API. A mandate reaches none of this: nobody appoints by mandate (ADR-0024)."""

from typing import Annotated

from fastapi import Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api.identity import mandates as api
from contracts.permissions import Permission
from contracts.strict import Line
from contracts.values import Grade, MandateId
from services.identity.commands import mandates
from services.identity.queries import mandates as queries
from services.identity.repository import Persons
from services.identity.routes.dependencies import Providers

router = Router()

_GRANT = guard(Permission.MANDATE_GRANT, audience=Audience.PERSON, assurance=3, grade=Grade.PERSONAL)


@router.post("/mandates", status_code=201, response_model=api.Mandate, **_GRANT)
async def appoint(body: api.Appoint, caller: Caller, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Let somebody act for me, or for an organisation that I represent. It has force when they have accepted."""
    person, at = caller.required_person(), clock.now()

    async def work(session: WriteSession) -> api.Mandate:
        given = await mandates.appoint(session, body, person, sealer, assurance=caller.assurance, at=at)
        return await queries.presented(session, given, sealer, at=at)

    return await once.answer(work, status=201)


@router.post("/guardianships", status_code=201, response_model=api.Mandate, **_GRANT)
async def become_guardian(
    body: api.AskGuardianship, caller: Caller, database: Database, clock: Clock, once: Once, providers: Providers, sealer: Sealer
) -> Response:
    """Act for my child until it comes of age; the population base says whether it is mine."""
    if earlier := await once.stored():
        return earlier
    person, at = caller.required_person(), clock.now()
    async with database.reading() as reading:
        guardian = await Persons(reading, sealer).get(person)
    proof = await mandates.check_guardianship(providers, guardian, body, assurance=caller.assurance, at=at)

    async def work(session: WriteSession) -> api.Mandate:
        given = await mandates.become_guardian(session, body, person, sealer, proof=proof, at=at)
        return await queries.presented(session, given, sealer, at=at)

    return await once.answer(work, status=201)


@router.get("/mandates", **guard(Permission.MANDATE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def mine(caller: Caller, database: Database, clock: Clock, sealer: Sealer, response: Response) -> api.Mandates:
    """What I have given and hold, and the organisations that I represent."""
    async with database.reading() as session:
        found, seen = await queries.of(session, caller.required_person(), sealer, at=clock.now())
    disclose(response, subjects=seen, purpose="授权 mandates", items=("name",))
    return found


@router.post(
    "/mandates/{mandate_id}/acceptance",
    **guard(Permission.MANDATE_ACCEPT, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL),
)
async def accept(mandate_id: MandateId, caller: Caller, database: Database, clock: Clock, sealer: Sealer) -> api.Mandate:
    """Take on a mandate that somebody gave me."""
    at = clock.now()
    async with database.transaction() as session:
        taken = await mandates.accept(session, mandate_id, caller.required_person(), sealer, assurance=caller.assurance, at=at)
        return await queries.presented(session, taken, sealer, at=at)


@router.delete(
    "/mandates/{mandate_id}",
    status_code=204,
    response_class=Response,
    **guard(Permission.MANDATE_REVOKE, audience=Audience.PERSON, assurance=2, grade=Grade.INTERNAL),
)
async def revoke(
    mandate_id: MandateId, caller: Caller, database: Database, clock: Clock, sealer: Sealer, reason: Annotated[Line | None, Query()] = None
) -> Response:
    """End a mandate that I gave or hold, at once and everywhere."""
    async with database.transaction() as session:
        await mandates.revoke(session, mandate_id, caller.required_person(), sealer, reason=reason, at=clock.now())
    return Response(status_code=204)
