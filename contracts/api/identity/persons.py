"""Registration, verification, and what is known of a person."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Agreed, Answer, Day, Instant, Line, Model
from contracts.values import PersonId, PersonName, Phone, ResidentId


class SendCode(Model):
    phone: Phone


class CodeSent(Answer):
    expires_at: Instant


class SecondProof(Model):
    """One more item beside the resident id and the phone. Source: 国办函〔2016〕108号."""

    kind: Literal["social_security", "driving_licence", "provident_fund"]
    number: Line


class Register(Model):
    name: PersonName
    resident_id: ResidentId
    phone: Phone
    sms_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    second_proof: SecondProof
    password: Annotated[str, Field(min_length=10, max_length=128)]
    accepts_agreement: Agreed


class Registered(Answer):
    person_id: PersonId
    assurance: int


class Verify(Model):
    """A live capture of the face in base64; it is passed on and never kept."""

    method: Literal["face"]
    capture: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=700_000)]


class Verified(Answer):
    assurance: int
    reference: str


class Person(Answer):
    """What a person sees of their own account."""

    person_id: PersonId
    name: str
    resident_id_masked: str
    phone_masked: str
    assurance: int
    registered_at: Instant


class Sourced(Answer):
    """One item with who says so and since when."""

    value: str
    source: str
    at: Instant


class Profile(Answer):
    """For services of the mesh: each item with source and time."""

    person_id: PersonId
    assurance: int
    name: Sourced
    resident_id: Sourced
    phone: Sourced
    sex: Sourced
    birth_on: Sourced
    born: Day
