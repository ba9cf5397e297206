"""Persons and sign-on as rules."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chassis.errors import Conflict, Invalid, NotFound, ServiceError, Unavailable
from contracts.problems import identity as problems
from contracts.values import Assurance, PersonId, PersonName, Phone, ResidentId, SessionId

CODE_LIFE: Final = timedelta(minutes=5)
CODE_PAUSE: Final = timedelta(minutes=1)
CODE_ATTEMPTS: Final = 5
FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=15)
AUTHORIZATION_CODE_LIFE: Final = timedelta(seconds=60)
SESSION_LIFE: Final = timedelta(hours=12)
ACCESS_TOKEN_LIFE: Final = timedelta(minutes=15)
REFRESH_TOKEN_LIFE: Final = timedelta(days=1)


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


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-on. Its cookie is known to the browser only; here is its digest."""

    id: SessionId
    person_id: PersonId
    signed_on_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A validated request for a code. Source: OpenID Connect Core 3.1.2.1, RFC 7636."""

    client_id: str
    redirect_uri: str
    scope: str
    challenge: str
    state: str | None = None
    nonce: str | None = None


class ProtocolError(ServiceError):
    """A refusal in the words of OAuth. Source: RFC 6749 sections 4.1.2.1 and 5.2."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """How secrets with 256 bits are stored: they cannot be guessed, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def challenge_of(verifier: str) -> str:
    """Source: RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
