"""The one route of identity that turnstiles and counters ask a thousand times a second, so it is a light one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row

from chassis.clock import Clock
from chassis.database import Grouped
from chassis.http import Audience, Caller, LightRouter, disclose, guard
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api.identity import city_codes as api
from contracts.permissions import Permission
from contracts.values import CityCode, Grade, Id, OrganisationId, PartyId, PersonId
from services.identity.domain.city_codes import Scene, check_presented, items_for
from services.identity.queries import city_codes as queries
from services.identity.repository.city_code_uses import Presented, Use, presented
from services.identity.repository.scenes import scene_of
from services.identity.signing import CityCodeKeys

router = LightRouter()


@dataclass(frozen=True, slots=True)
class Counter:
    """Everything a verification needs."""

    keys: CityCodeKeys
    uses: Grouped[Use, Row[Any]]
    sealer: Sealer
    clock: Clock

    def read(self, wanted: api.VerifyCityCode, at: datetime) -> tuple[CityCode, Scene]:
        """Raises NoSuchScene, NotGenuine, CodeExpired, CodeNotYetValid, OtherScene, SceneNotForSubject."""
        scene, code = scene_of(wanted.scene), self.keys.genuine(wanted.code)
        check_presented(code, scene, at)
        return code, scene

    async def use(self, code: CityCode, scene: Scene, party: PartyId, kind: str, *, reference: str, at: datetime) -> Presented:
        """The use is on disk when this returns. Raises VerifierNotAdmitted, CodeRevoked, CodeUsed."""
        outcome = await self.uses.write(Use.of(code, scene, party, kind, reference=reference, at=at))
        return presented(outcome, items_for(scene.claims_of(code.type)), self.sealer)


@router.post(
    "/city-codes/verifications",
    response_model=api.CityCodeVerified,
    **guard(Permission.CITY_CODE_VERIFY, audience=Audience.PARTY, grade=Grade.PERSONAL),
)
async def verify(body: api.VerifyCityCode, caller: Caller, request: Request) -> Response:
    """What my scene may see of whoever shows this code. A code that proves its holder serves once: retries are refused, too."""
    counter: Counter = request.app.state.counter
    at, reference = counter.clock.now(), Id.new()
    code, scene = counter.read(body, at)
    found = await counter.use(code, scene, caller.required_party(), caller.party_kind, reference=reference, at=at)
    answer = queries.verified(code, scene, found, reference=reference, today=local_day(at), at=at)
    subject = found.subject
    return disclose(
        Response(answer.model_dump_json(), media_type="application/json"),
        subjects=[subject] if isinstance(subject, PersonId) else [],
        organisations=[subject] if isinstance(subject, OrganisationId) else [],
        purpose=f"scene:{scene.code}",
        items=(*answer.claims, f"核验 verification {reference}"),
    )
