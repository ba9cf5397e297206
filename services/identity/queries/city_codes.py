from datetime import date, datetime

from chassis.database import ReadSession
from contracts.api.identity import city_codes as api
from contracts.values import CityCode, CityCodeType, PartyId, PersonId, PersonName, SceneCode
from services.identity.domain.city_codes import PaperCode, Scene, claims_about
from services.identity.repository.city_code_uses import Presented
from services.identity.repository.scenes import SceneVerifiers, age_bands, scene_of, scenes


def all_scenes() -> list[api.Scene]:
    return [
        api.Scene(
            code=SceneCode(scene.code),
            zh=scene.zh,
            en=scene.en,
            mode=scene.mode.value,
            claims=list(scene.claims),
            paper_claims=list(scene.paper_claims),
            organisation_claims=list(scene.organisation_claims),
        )
        for scene in scenes().values()
    ]


def verified(code: CityCode, scene: Scene, presented: Presented, *, reference: str, today: date, at: datetime) -> api.CityCodeVerified:
    """What the scene lets its verifiers see of the holder."""
    made = claims_about(presented.holder, scene.claims_of(code.type), kind=code.type, today=today, age_bands=age_bands())
    return api.CityCodeVerified(
        subject_type="person" if isinstance(presented.subject, PersonId) else "organisation",
        scene=scene.code,
        medium="paper" if code.type is CityCodeType.PAPER else "screen",
        claims={name: api.Claim(value=claim.value, assurance=int(claim.assurance)) for name, claim in made.items()},
        times=presented.times,
        verified_at=at,
        reference=reference,
    )


def printed(found: PaperCode, code: str, name: PersonName) -> api.PaperCodePrinted:
    return api.PaperCodePrinted(**paper(found).model_dump(), code=code, name_masked=name.masked())


def paper(found: PaperCode) -> api.PaperCode:
    return api.PaperCode(id=found.id, issued_at=found.issued_at, expires_at=found.expires_at, at_window=found.issued_by is not None)


async def verifiers(session: ReadSession, scene: str) -> list[api.Admitted]:
    """Raises NoSuchScene."""
    scene_of(scene)
    return [
        api.Admitted(scene=SceneCode(row.scene), party_id=PartyId(row.party_id), admitted_by=row.admitted_by, admitted_at=row.admitted_at)
        for row in await SceneVerifiers(session).of(scene)
    ]
