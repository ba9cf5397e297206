"""City codes 随申码: scenes, what they let a verifier see, and what refuses."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.problems import identity as problems
from contracts.values import Assurance, CityCode, CityCodeId, CityCodeType, PersonName, Phone, ResidentId
from contracts.values.city_codes import ANY_SCENE

CLOCK_SKEW_S: Final = 5
"""By how much our own clocks may disagree: a code from further in the future is refused."""


class NotGenuine(Invalid):
    problem = problems.CITY_CODE_NOT_GENUINE


class CodeExpired(Invalid):
    problem = problems.CITY_CODE_EXPIRED


class CodeNotYetValid(Invalid):
    problem = problems.CITY_CODE_NOT_YET_VALID


class OtherScene(Invalid):
    problem = problems.CITY_CODE_OTHER_SCENE


class CodeUsed(Conflict):
    problem = problems.CITY_CODE_USED


class CodeRevoked(Conflict):
    problem = problems.CITY_CODE_REVOKED


class VerifierNotAdmitted(Forbidden):
    problem = problems.CITY_CODE_VERIFIER


class NoSuchScene(NotFound):
    problem = problems.CITY_CODE_SCENE_UNKNOWN


class SceneNotForSubject(Invalid):
    problem = problems.CITY_CODE_NOT_FOR


class HolderNotSureEnough(Forbidden):
    problem = problems.CITY_CODE_ASSURANCE


class MandateDoesNotReach(Forbidden):
    problem = problems.CITY_CODE_MANDATE


class NoSuchPaperCode(NotFound):
    problem = problems.PAPER_CODE_NOT_FOUND


class Mode(StrEnum):
    PROOF = "proof"
    """A code proves its holder once."""
    GATE = "gate"
    """A code may be shown again while it lives."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where codes of a kind are shown, and the least that its verifiers need to see."""

    code: str
    zh: str
    en: str
    mode: Mode
    least_assurance: Assurance
    claims: tuple[str, ...]
    paper_claims: tuple[str, ...]
    organisation_claims: tuple[str, ...]
    party_kinds: frozenset[str]

    def claims_of(self, kind: CityCodeType) -> tuple[str, ...]:
        """Raises SceneNotForSubject where the scene has no codes of this type."""
        by_type = {
            CityCodeType.PERSON: self.claims,
            CityCodeType.ENTERPRISE: self.organisation_claims,
            CityCodeType.PAPER: self.paper_claims,
        }
        if not by_type[kind]:
            raise SceneNotForSubject
        return by_type[kind]

    def is_repeatable(self, kind: CityCodeType) -> bool:
        """Paper cannot refresh itself, so it serves again for what little it gives."""
        return self.mode is Mode.GATE or kind is CityCodeType.PAPER


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose code it is. Of a person's data only what the scene's claims are made of is there."""

    assurance: Assurance
    name: PersonName | str | None = None
    resident_id: ResidentId | None = None
    phone: Phone | None = None
    credit_code: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    value: str
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class PaperCode:
    """A code on paper. `issued_by` is the officer who printed it, nobody when the holder did."""

    id: CityCodeId
    issued_at: datetime
    expires_at: datetime
    issued_by: str | None = None


def new_handle() -> str:
    """Random, so that it says nothing of whose it is and can be replaced."""
    return secrets.token_urlsafe(16)


def new_code_id() -> CityCodeId:
    return CityCodeId(secrets.token_urlsafe(12))


def check_presented(code: CityCode, scene: Scene, at: datetime) -> None:
    """What the code itself says against this presentation. Raises CodeExpired, CodeNotYetValid, OtherScene, SceneNotForSubject."""
    now = at.timestamp()
    if code.scene != (ANY_SCENE if code.type is CityCodeType.PAPER else scene.code):
        raise OtherScene
    if code.issued > now + CLOCK_SKEW_S:
        raise CodeNotYetValid
    if now >= code.expires:
        raise CodeExpired
    scene.claims_of(code.type)


_Ages = tuple[int, ...]


def _age_band(born: date, today: date, starts: _Ages) -> str:
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    band = max((index for index, start in enumerate(starts) if start <= age), default=0)
    return f"{starts[band]}-{starts[band + 1] - 1}" if band + 1 < len(starts) else f"{starts[band]}+"


_PROVEN: Final = "the holder's assurance"
# Claim → the item it is made of, how, and how sure we are of it: a phone was only ever proven by a text message.
_CLAIMS: Final[dict[str, tuple[str, Callable[[Any, date, _Ages], str], Assurance | str]]] = {
    "name": ("name", lambda name, _, __: name, _PROVEN),
    "name_masked": ("name", lambda name, _, __: name.masked(), _PROVEN),
    "resident_id_masked": ("resident_id", lambda number, _, __: number.masked(), _PROVEN),
    "sex": ("resident_id", lambda number, _, __: number.sex, _PROVEN),
    "age_band": ("resident_id", lambda number, today, starts: _age_band(number.birth_date, today, starts), _PROVEN),
    "phone_masked": ("phone", lambda phone, _, __: phone.masked(), Assurance.PHONE),
    "credit_code": ("credit_code", lambda code, _, __: code, _PROVEN),
}
CLAIMS: Final = frozenset(_CLAIMS)


def items_for(claims: Iterable[str]) -> frozenset[str]:
    """What must be known of a holder to make these claims."""
    return frozenset(_CLAIMS[claim][0] for claim in claims)


def claims_about(holder: Holder, claims: Iterable[str], *, kind: CityCodeType, today: date, age_bands: _Ages) -> dict[str, Claim]:
    """A paper code proves no more than that somebody holds a piece of paper, so all it gives is of the lowest level."""
    made = {}
    for claim in claims:
        item, make, sure = _CLAIMS[claim]
        known = getattr(holder, item)
        level = Assurance.PHONE if kind is CityCodeType.PAPER else sure if isinstance(sure, Assurance) else holder.assurance
        if known is not None:
            made[claim] = Claim(make(known, today, age_bands), level)
    return made


def paper_expiry(at: datetime, life_days: int) -> datetime:
    return at + timedelta(days=life_days)
