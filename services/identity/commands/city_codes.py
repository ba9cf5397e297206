"""City codes 随申码 are made, replaced, printed and used."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from contracts.api.identity import city_codes as api
from contracts.values import Assurance, CityCode, CityCodeType, OfficerId, PartyId, PersonId, SceneCode
from contracts.values.city_codes import ANY_SCENE
from services.identity.domain.city_codes import HolderNotSureEnough, PaperCode, Scene, new_code_id, new_handle, paper_expiry
from services.identity.domain.persons import NoSuchPerson, Person
from services.identity.repository import Persons
from services.identity.repository.city_codes import CityCodes, Standing, Subject
from services.identity.repository.paper_codes import PaperCodes
from services.identity.repository.scenes import SceneVerifiers, scene_of
from services.identity.signing import CityCodeKeys


def check_sure_enough(standing: Standing, least: Assurance) -> None:
    """Raises HolderNotSureEnough."""
    if standing.assurance < least:
        raise HolderNotSureEnough


async def give_handle(session: WriteSession, subject: Subject, *, at: datetime) -> str:
    """The subject's handle, made when it asks for its first code. Raises NoSuchPerson, NoSuchOrganisation."""
    codes = CityCodes(session)
    # The lock: of an account that is being closed no code is made afterwards.
    await codes.standing(subject, lock=True)
    return await codes.give(subject, new_handle(), at=at)


async def replace_handle(session: WriteSession, subject: Subject, *, by: str, at: datetime) -> None:
    """From now on codes made before, those on paper included, are nobody's."""
    codes = CityCodes(session)
    await codes.standing(subject, lock=True)
    await codes.replace(subject, new_handle(), at=at)
    if isinstance(subject, PersonId):
        await PaperCodes(session).revoke_all(subject, by=by, at=at)


async def end(session: WriteSession, person_id: PersonId, *, at: datetime) -> None:
    """The account has ended: its codes, those on paper included, are nobody's."""
    await CityCodes(session).end(person_id)
    await PaperCodes(session).revoke_all(person_id, by=person_id, at=at)


def made(keys: CityCodeKeys, scene: Scene, subject: Subject, handle: str, *, holder_key: str, life_s: int, at: datetime) -> CityCode:
    """A code for one look at the screen; nothing is stored of it. Raises SceneNotForSubject."""
    kind = CityCodeType.PERSON if isinstance(subject, PersonId) else CityCodeType.ENTERPRISE
    scene.claims_of(kind)
    return CityCode(kind, handle, scene.code, int(at.timestamp()), life_s, new_code_id(), keys.kid, holder_key)


def expiry(code: CityCode) -> datetime:
    return datetime.fromtimestamp(code.expires, UTC)


async def admit(session: WriteSession, scene: str, party_id: PartyId, *, by: OfficerId, at: datetime) -> api.Admitted:
    """Raises NoSuchScene."""
    row = await SceneVerifiers(session).admit(scene_of(scene).code, party_id, by=by, at=at)
    return api.Admitted(
        scene=SceneCode(row.scene), party_id=PartyId(row.party_id), admitted_by=row.admitted_by, admitted_at=row.admitted_at
    )


def officer_in_words(officer: OfficerId, party: PartyId) -> str:
    """Work numbers are unique in an agency only."""
    return f"{officer} {party}"


@dataclass(frozen=True, slots=True)
class Printed:
    paper: PaperCode
    code: str


async def identified(session: ReadSession, wanted: api.PrintPaperCode, sealer: Sealer) -> Person:
    """Whose document lies on the counter. Raises NoSuchPerson for an unknown number and for another name alike."""
    person = await Persons(session, sealer).named(wanted.document.number)
    if person is None or person.name != wanted.name:
        raise NoSuchPerson
    return person


async def print_paper(
    session: WriteSession, keys: CityCodeKeys, person_id: PersonId, *, officer: OfficerId | None, by: str, life_days: int, at: datetime
) -> Printed:
    """A code on paper; the person's earlier one ends. Raises NoSuchPerson, HolderNotSureEnough."""
    standing = await CityCodes(session).standing(person_id, lock=True)
    check_sure_enough(standing, Assurance.REAL_NAME)
    handle = standing.handle or await give_handle(session, person_id, at=at)
    papers = PaperCodes(session)
    await papers.revoke_all(person_id, by=by, at=at)
    paper = PaperCode(new_code_id(), at, paper_expiry(at, life_days), officer)
    await papers.add(paper, person_id)
    issued = int(at.timestamp())
    life_s = int(paper.expires_at.timestamp()) - issued
    return Printed(paper, keys.signed(CityCode(CityCodeType.PAPER, handle, ANY_SCENE, issued, life_s, paper.id, keys.kid)))
