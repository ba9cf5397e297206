"""What a run confronts a system with, derived from its seed, so that it can be derived again."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from contracts.api.gateway import Play
from contracts.values import BasicCode, CaseNumber, CreditCode, DivisionCode, TaskCode, credit_check, organisation_check

T = TypeVar("T")

RETRY_AFTER_S: Final = 1
"""What every 429 and 503 of the kit asks for."""
RECEIPT_WITHIN_S: Final = 60
"""How soon a dispatched case must be accepted or corrected."""
WRITES_NEEDED: Final = 5
"""How many different writes a system that is sent no cases makes."""

SIGN_ONS: Final = 3
"""The first comes back with another state, the second with another nonce, the third is to be believed."""

DIVISION: Final = DivisionCode("319999")
_PLACE: Final = f"11{DIVISION}"
_ROLES: Final = ("plain 1", "plain 2", "plain 3", "plain 4", "twice", "narrow")
_LAST: Final = "grown"
_PLAYS: Final[tuple[Play, ...]] = ("lost", "down", "refused", "busy", "answered")
_RECEIPTS: Final = frozenset({"lost", "down", "refused"})


@dataclass(frozen=True, slots=True)
class ScriptedCase:
    """A case that does not exist. By its role, the feed shows it `twice`, its photo is too `narrow`, its answers have `grown`
    members that no document names, or it is `plain`."""

    number: CaseNumber
    role: str


@dataclass(frozen=True, slots=True)
class Script:
    """`cases` in the order of the feed, `plays` how the first, second, … different write of other systems is met.

    `receipts` is the same for the first, second, … plain case that a district takes in: whoever forgets one meets them all.
    """

    seed: str
    cases: tuple[ScriptedCase, ...]
    plays: tuple[Play, ...]

    @property
    def receipts(self) -> tuple[Play, ...]:
        return tuple(play for play in self.plays if play in _RECEIPTS)

    def role_of(self, number: str) -> str:
        return next((each.role.partition(" ")[0] for each in self.cases if each.number == number), "")

    def number_of(self, role: str) -> CaseNumber:
        return next(each.number for each in self.cases if each.role == role)


def script_of(seed: str) -> Script:
    roles = (*_shuffled(seed, _ROLES), _LAST)
    serials = [int.from_bytes(_hash(seed, f"serial {role}")[:4]) % 900_000 + 100_000 for role in roles]
    day = date(2026, 1, 1) + timedelta(days=_hash(seed, "day")[0])
    task = TaskCode.of(agency(), 4, BasicCode("310101001001"))
    cases = tuple(ScriptedCase(CaseNumber.of(task, day, serial), role) for role, serial in zip(roles, serials, strict=True))
    return Script(seed, cases, _shuffled(seed, _PLAYS))


def agency() -> CreditCode:
    """The agency of the kit's cases: a credit code of a division that does not exist."""
    organisation = "TE5T0K1T"
    body = f"{_PLACE}{organisation}{organisation_check(organisation)}"
    return CreditCode(body + credit_check(body))


def _shuffled(seed: str, each: Sequence[T]) -> tuple[T, ...]:
    return tuple(sorted(each, key=lambda name: _hash(seed, str(name))))


def _hash(seed: str, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{name}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the kit gives to an app, by the number of the sign-on, so that a transcript shows which was used."""

    seed: str

    def code(self, sign_on: int) -> str:
        return self._of(f"code {sign_on}")

    def access_token(self, sign_on: int) -> str:
        """Beyond the last sign-on: the one that a refresh gives; 0: the app's own."""
        return self._of(f"access token {sign_on}")

    def refresh_token(self, sign_on: int) -> str:
        return self._of(f"refresh token {sign_on}")

    def sign_on_of(self, code: str) -> int:
        """0 for a code that was never given."""
        return next((each for each in range(1, SIGN_ONS + 1) if self.code(each) == code), 0)

    def _of(self, name: str) -> str:
        return base64.urlsafe_b64encode(_hash(self.seed, name)).rstrip(b"=").decode()
