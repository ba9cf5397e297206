"""Persons, how sure the city is of them, and what refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from chassis.errors import Conflict, Invalid, NotFound, Unavailable
from contracts.problems import identity as problems
from contracts.values import RESIDENT_FAMILY, Assurance, Document, PersonId, PersonName, Phone, ResidentId
from services.identity.domain.documents import HeldDocument

CODE_LIFE: Final = timedelta(minutes=5)
CODE_PAUSE: Final = timedelta(minutes=1)
CODE_ATTEMPTS: Final = 5


class SmsCodeIsWrong(Invalid):
    problem = problems.SMS_CODE_WRONG


class SmsCodeSentJustNow(Conflict):
    problem = problems.SMS_CODE_TOO_SOON


class RealNameNotConfirmed(Invalid):
    problem = problems.NOT_REAL_NAME


class SecondProofNotConfirmed(Invalid):
    problem = problems.SECOND_PROOF_WRONG


class FaceNotConfirmed(Invalid):
    problem = problems.FACE_WRONG


class AlreadyRegistered(Conflict):
    problem = problems.ALREADY_REGISTERED


class ProviderAway(Unavailable):
    problem = problems.PROVIDER_AWAY


class NoSuchPerson(NotFound):
    problem = problems.PERSON_NOT_FOUND


class PersonNotVerified(Conflict):
    problem = problems.PERSON_NOT_VERIFIED


class NameIsNotTheSame(Invalid):
    problem = problems.NAME_NOT_THE_SAME


class NotOnePerson(Conflict):
    problem = problems.NOT_ONE_PERSON


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person's account. `password` is an argon2id hash.

    Without a real name there is neither name nor document; a closed or merged account keeps no phone and no password.
    `declared` is what the person says of themself, by the names of OpenID Connect.
    """

    id: PersonId
    name: PersonName | None
    phone: Phone | None
    password: str | None
    assurance: Assurance
    registered_at: datetime
    documents: tuple[HeldDocument, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=dict)
    status: str = "active"
    merged_into: PersonId | None = None
    ended_at: datetime | None = None

    @property
    def main_document(self) -> HeldDocument | None:
        """The one that names the person: with a resident number if there is one, else the oldest."""
        of_residents = [each for each in self.documents if each.document.family == RESIDENT_FAMILY]
        return next(iter([*of_residents, *self.documents]), None)

    @property
    def resident_id(self) -> ResidentId | None:
        return self.main_document.document.resident_id if self.main_document else None

    @property
    def birth_date(self) -> date | None:
        return next((born for each in self.documents if (born := each.document.birth_date)), None)

    @property
    def is_active(self) -> bool:
        return self.status == "active"

    @property
    def is_unclaimed(self) -> bool:
        """Whether nobody can sign on: a guardian made it known, and its person has not registered yet."""
        return self.is_active and self.phone is None and self.password is None

    def real_name(self) -> tuple[PersonName, Document]:
        """Raises PersonNotVerified."""
        if self.name is None or self.main_document is None:
            raise PersonNotVerified
        return self.name, self.main_document.document

    def holding(self, document: Document) -> HeldDocument | None:
        """The person's own document that is this one, another issue of it, or another card with its number."""
        return next((each for each in self.documents if each.is_of(document)), None)

    def named(self, name: PersonName) -> "Person":
        """Raises NameIsNotTheSame when the account has another."""
        if self.name not in {None, name}:
            raise NameIsNotTheSame
        return replace(self, name=name)

    def check_merges_with(self, other: "Person") -> None:
        """One person has one name and at most one resident number. Raises NotOnePerson."""
        numbers = {each for each in (self.resident_id, other.resident_id) if each}
        if (None not in {self.name, other.name} and self.name != other.name) or len(numbers) > 1:
            raise NotOnePerson

    def merged(self, into: PersonId, at: datetime) -> "Person":
        return replace(self, status="merged", merged_into=into, phone=None, password=None, declared={}, ended_at=at)

    def closed(self, at: datetime) -> "Person":
        return replace(self, status="closed", phone=None, password=None, declared={}, ended_at=at)

    def with_password(self, password: str) -> "Person":
        return replace(self, password=password)

    def verified(self, assurance: Assurance) -> "Person":
        """Assurance only rises by a proof."""
        return replace(self, assurance=max(self.assurance, assurance))


@dataclass(frozen=True, slots=True)
class Verification:
    """A proof that an outside provider or an officer gave. `reference` finds it there; `source` is what stood behind it."""

    method: str
    provider: str
    reference: str
    assurance: Assurance
    at: datetime
    source: str | None = None
