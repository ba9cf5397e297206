"""Persons, how sure the city is of them, and what refuses."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chassis.errors import Conflict, Invalid, NotFound, Unavailable
from contracts.problems import identity as problems
from contracts.values import Assurance, PersonId, PersonName, Phone, ResidentId

CODE_LIFE: Final = timedelta(minutes=5)
CODE_PAUSE: Final = timedelta(minutes=1)
CODE_ATTEMPTS: Final = 5
FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=15)


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


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person. `password` is an argon2id hash."""

    id: PersonId
    name: PersonName
    resident_id: ResidentId
    phone: Phone
    password: str
    assurance: Assurance
    registered_at: datetime
    failures: int = 0
    locked_until: datetime | None = None

    def is_locked(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until

    def failed(self, at: datetime) -> "Person":
        """One more wrong password; the fifth in a row locks the account for a while."""
        failures = self.failures + 1
        if failures < FAILURES_BEFORE_LOCK:
            return replace(self, failures=failures)
        return replace(self, failures=0, locked_until=at + LOCK)

    def succeeded(self) -> "Person":
        return replace(self, failures=0, locked_until=None)

    def with_password(self, password: str) -> "Person":
        return replace(self, password=password)

    def verified(self, assurance: Assurance) -> "Person":
        """Assurance only rises by a proof."""
        return replace(self, assurance=max(self.assurance, assurance))


@dataclass(frozen=True, slots=True)
class Verification:
    """A proof that an outside provider gave. `reference` finds it at the provider."""

    method: str
    provider: str
    reference: str
    assurance: Assurance
    at: datetime
