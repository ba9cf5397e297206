from typing import Any

from chassis.http import Audience, Caller, Clock, Database, Router, guard
from contracts.api.identity import city_codes as api
from contracts.permissions import Permission
from contracts.values import Grade, OrganisationId, PartyId, PersonId, SceneCode
from services.identity.commands import city_codes as commands
from services.identity.domain.city_codes import MandateDoesNotReach
from services.identity.queries import city_codes as queries
from services.identity.repository.city_codes import CityCodes
from services.identity.repository.scenes import SceneVerifiers, scene_of
from services.identity.routes.dependencies import CodeKeys, CodeLife

router = Router()


def _own(caller: Caller) -> PersonId | OrganisationId:
    """Whose code may be shown: one's own, or an organisation's by who acts for all of it.

    A person is never another one, and who was appointed for some matters is not the company: raises MandateDoesNotReach.
    """
    if caller.mandate_matters or (caller.person and caller.actor):
        raise MandateDoesNotReach
    return caller.required_subject()


@router.get("/city-code-scenes", **guard(Permission.CITY_CODE_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def scenes() -> list[api.Scene]:
    """Where city codes are shown, and what a verifier sees there."""
    return queries.all_scenes()


@router.get("/city-codes/keys", **guard(Permission.CITY_CODE_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def keys(keys: CodeKeys) -> dict[str, Any]:
    """The public keys that city codes are signed with (a JWK set), for gates that verify offline."""
    return keys.key_set()


@router.post(
    "/city-codes", status_code=201, **guard(Permission.CITY_CODE_ISSUE, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL)
)
async def issue(
    body: api.IssueCityCode, caller: Caller, database: Database, clock: Clock, keys: CodeKeys, life: CodeLife
) -> api.CityCodeIssued:
    """My code for a scene, or my organisation's, for one minute. Nothing of it is stored, so asking again is harmless."""
    subject, scene, at = _own(caller), scene_of(body.scene), clock.now()
    async with database.reading() as reading:
        standing = await CityCodes(reading).standing(subject)
    commands.check_sure_enough(standing, scene.least_assurance)
    handle = standing.handle
    if handle is None:
        async with database.transaction() as session:
            handle = await commands.give_handle(session, subject, at=at)
    code = commands.made(keys, scene, subject, handle, holder_key=body.holder_key or "", life_s=life.seconds, at=at)
    return api.CityCodeIssued(
        code=keys.signed(code), scene=scene.code, issued_at=at, expires_at=commands.expiry(code), refresh_in_s=life.refresh_in_s
    )


@router.post("/city-codes/handle", **guard(Permission.CITY_CODE_ISSUE, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL))
async def replace(caller: Caller, database: Database, clock: Clock) -> api.CityCodeReplaced:
    """Another random handle: no code made before is mine any more, on screens or on paper."""
    subject, at = _own(caller), clock.now()
    async with database.transaction() as session:
        await commands.replace_handle(session, subject, by=caller.actor or subject, at=at)
    return api.CityCodeReplaced(replaced_at=at)


@router.get("/city-code-scenes/{scene}/verifiers", **guard(Permission.CITY_CODE_ADMIT, audience=Audience.OPERATOR))
async def verifiers(scene: SceneCode, database: Database) -> list[api.Admitted]:
    """Parties that were admitted one by one to verify in a scene."""
    async with database.reading() as session:
        return await queries.verifiers(session, scene)


@router.put("/city-code-scenes/{scene}/verifiers/{party_id}", **guard(Permission.CITY_CODE_ADMIT, audience=Audience.OPERATOR))
async def admit(scene: SceneCode, party_id: PartyId, caller: Caller, database: Database, clock: Clock) -> api.Admitted:
    """Let a party verify in a scene, from its next request on."""
    async with database.transaction() as session:
        return await commands.admit(session, scene, party_id, by=caller.required_officer(), at=clock.now())


@router.delete(
    "/city-code-scenes/{scene}/verifiers/{party_id}", status_code=204, **guard(Permission.CITY_CODE_ADMIT, audience=Audience.OPERATOR)
)
async def dismiss(scene: SceneCode, party_id: PartyId, database: Database) -> None:
    async with database.transaction() as session:
        await SceneVerifiers(session).dismiss(scene_of(scene).code, party_id)
