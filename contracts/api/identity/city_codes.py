"""City codes 随申码: scenes, issuing, verifying, paper."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.personal import NameText
from contracts.strict import Answer, Instant, Model
from contracts.values import CityCodeId, PartyId, PersonName, ResidentId, SceneCode, Thumbprint


class Scene(Answer):
    """What a verifier gets in a scene. `mode`: `proof` codes serve once, `gate` codes while they live."""

    code: SceneCode
    zh: str
    en: str
    mode: Literal["proof", "gate"]
    claims: list[str]
    paper_claims: list[str]
    organisation_claims: list[str]


class IssueCityCode(Model):
    """`holder_key` is the thumbprint of a key that never leaves the holder's device, for gates that ask for its proof."""

    scene: SceneCode
    holder_key: Thumbprint | None = None


class CityCodeIssued(Answer):
    """`code` is what the QR code holds."""

    code: str
    scene: str
    issued_at: Instant
    expires_at: Instant
    refresh_in_s: int


class CityCodeReplaced(Answer):
    replaced_at: Instant


class VerifyCityCode(Model):
    code: Annotated[str, Field(min_length=1, max_length=300)]
    scene: SceneCode


class Claim(Answer):
    """`assurance` is how sure the city is of this value."""

    value: str
    assurance: int


class CityCodeVerified(Answer):
    """`times` counts this party's presentations of this code; `reference` finds the verification in the holder's ledger."""

    subject_type: Literal["person", "organisation"]
    scene: str
    medium: Literal["screen", "paper"]
    claims: dict[str, Claim]
    times: int
    verified_at: Instant
    reference: str


class Document(Model):
    type: Literal["resident_id"]
    number: ResidentId


class PrintPaperCode(Model):
    """The document that the person shows at the window, with the name on it."""

    document: Document
    name: PersonName


class PaperCode(Answer):
    """`id` revokes it."""

    id: CityCodeId
    issued_at: Instant
    expires_at: Instant
    at_window: bool


class PaperCodePrinted(PaperCode):
    """`code` is what the QR code holds; printed at 30 mm or more, gates can read it."""

    name_masked: NameText
    code: str


class Admitted(Answer):
    """A party that may verify in a scene."""

    scene: SceneCode
    party_id: PartyId
    admitted_by: str
    admitted_at: Instant
