"""Passkeys: keys that a person's device holds and uses only for its holder. Source: WebAuthn level 3."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contracts.values import PersonId, StaffId
from services.identity.domain.methods import MethodCode

CHALLENGE_LIFE: Final = timedelta(minutes=5)
PASSKEYS_OF_ONE: Final = 10


class Purpose(StrEnum):
    """What a challenge is for: an answer to one is none to another."""

    SIGN_ON = "sign-on"
    REGISTER = "register"
    STAFF_SIGN_ON = "staff-sign-on"
    STAFF_REGISTER = "staff-register"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Waits for one answer. `owner` is the digest of who was asked: a waiting request, or a session.

    `staff_id` is the officer whose password was right a moment ago, for whom the answer is the second factor.
    """

    purpose: Purpose
    owner: bytes
    expires_at: datetime
    staff_id: StaffId | None = None


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key of one account. `is_synced`: its holder's devices share it, so it is not bound to one piece of hardware."""

    credential: bytes
    account: PersonId | StaffId
    public_key: bytes
    sign_count: int
    is_synced: bool
    device: str
    created_at: datetime
    last_used_at: datetime | None = None

    @property
    def method(self) -> MethodCode:
        return MethodCode.SYNCED_PASSKEY if self.is_synced else MethodCode.PASSKEY
