"""Devices without a keyboard that are let in by a person elsewhere. Source: RFC 8628."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from contracts.values import Assurance, PartyId, SessionId
from services.identity.domain.secrets import challenge_of, new_secret
from services.identity.domain.sign_on import LOGIN_FREE_ASSURANCE, PendingRequest, Session

CODE_LIFE: Final = timedelta(minutes=10)
POLL_INTERVAL_S: Final = 5
SLOWER_S: Final = 5
"""How much longer a device must wait that asked too early. Source: RFC 8628 section 3.5."""
SIGN_ON_LIFE: Final = timedelta(hours=1)
"""Of a device in a public hall, whose person may have walked away."""
PROOF_IS_FRESH_FOR: Final = timedelta(minutes=5)
GUESSES: Final = 5
GUESSING_PAUSE: Final = timedelta(minutes=15)

SCOPES: Final = ("openid", "profile", "phone")
"""What a device may be granted: nothing for which its person would have to be away."""

_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words appear, and nothing that looks like a digit. Source: RFC 8628 section 6.1."""
_LENGTH: Final = 8

OURSELVES: Final = PartyId("00000000-0000-7000-8000-000000000001")
"""The client for which a person signs on at the page of the devices. It has neither key, secret nor address."""


def new_user_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def shown(user_code: str) -> str:
    return f"{user_code[:4]}-{user_code[4:]}"


def typed(text: str) -> str:
    """What a person typed as a code: case, spaces and dashes do not matter."""
    letters = "".join(each for each in text[:40].upper() if each in _LETTERS)
    return letters if len(letters) == _LENGTH else ""


def page_request(page: str, at: datetime) -> PendingRequest:
    """What waits while a person signs on before they are shown the page at this address.

    It is an ordinary request for a code, and nobody can redeem that: its verifier is known to nobody.
    """
    said = {
        "response_type": "code",
        "client_id": str(OURSELVES),
        "redirect_uri": page,
        "scope": "openid",
        "code_challenge": challenge_of(new_secret()),
        "code_challenge_method": "S256",
    }
    return PendingRequest(str(OURSELVES), said, at)


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A device that waits. `approved_by` is the sign-on in which its person let it in; decided without one, it was refused."""

    client_id: str
    scope: str
    interval_s: int
    created_at: datetime
    expires_at: datetime
    polled_at: datetime | None = None
    approved_by: SessionId | None = None
    decided_at: datetime | None = None
    used_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        return self.decided_at is None and at < self.expires_at

    def polled(self, at: datetime) -> tuple["DeviceRequest", str]:
        """After one more question of the device, and what to tell it: an error of RFC 8628, or nothing once it may come in."""
        if self.used_at is not None:
            return self, "invalid_grant"
        if at >= self.expires_at:
            return self, "expired_token"
        if self.decided_at is not None:
            return self, "" if self.approved_by else "access_denied"
        asked = replace(self, polled_at=at)
        if self.polled_at is not None and at < self.polled_at + timedelta(seconds=self.interval_s):
            return replace(asked, interval_s=self.interval_s + SLOWER_S), "slow_down"
        return asked, "authorization_pending"

    def sign_on(self, confirming: Session, device: str, at: datetime) -> Session:
        """The device's own sign-on, of the person who let it in. It ends alone, and theirs does not end with it.

        It is worth as much as theirs only when they had proven themself just before they let it in: otherwise whoever
        finds an unlocked browser could lift a device to its owner's full assurance.
        """
        assert self.decided_at is not None
        is_fresh = self.decided_at - confirming.proven_at <= PROOF_IS_FRESH_FOR
        level = confirming.level(self.decided_at)
        assurance: Assurance = level if is_fresh else min(level, LOGIN_FREE_ASSURANCE)
        until = at + SIGN_ON_LIFE
        return Session(
            id=SessionId.new(),
            person_id=confirming.person_id,
            signed_on_at=at,
            proven_at=confirming.proven_at,
            fresh_until=until,
            expires_at=until,
            methods=confirming.methods,
            assurance=assurance,
            device=device,
        )


@dataclass(frozen=True, slots=True)
class Guesses:
    """How often an account has lately typed a code that nobody waits with."""

    failures: int = 0
    locked_until: datetime | None = None

    def is_locked(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until

    def failed(self, at: datetime) -> "Guesses":
        failures = self.failures + 1
        return Guesses(0, at + GUESSING_PAUSE) if failures >= GUESSES else Guesses(failures, self.locked_until)
