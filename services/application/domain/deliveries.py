"""Telling a party of moves: what waits, when it may leave, and what an answer makes of it. ADR-0047."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from chassis.errors import Invalid, NotFound
from contracts.problems import application as problems
from contracts.values import Id, PartyId
from services.application.domain.case import Scope

Outcome = Literal["delivered", "refused", "away"]
Proof = Literal["asked", "proven", "failed"]
"""Whether an address has shown that it wants to be told: `failed` is asked no more, until it is registered again."""

PROVEN_WITHIN: Final = timedelta(hours=24)
_LONGEST_NONCE: Final = 256

_REFUSES_THIS: Final = frozenset({400, 409, 413, 415, 422})
"""Answers about this one delivery; any other failure is the party's, whatever is sent."""
_FIRST_PAUSE: Final = timedelta(seconds=1)


class NoSuchCallback(NotFound):
    problem = problems.CALLBACK_NOT_FOUND


class CallbackAddressIsNotAcceptable(Invalid):
    problem = problems.CALLBACK_ADDRESS


class ReplayIsTooLarge(Invalid):
    problem = problems.REPLAY_TOO_LARGE


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a party is told, and how much it takes. `failures` are those since it last answered, until `resumes_at` it is left alone.

    Its next call may leave at `free_at`. Deliveries exist for the moves up to the place `planned`. `proof_since` is when it was proven,
    or since when it is asked; `proof_failure` what came of it last.
    """

    party: PartyId
    scope: Scope
    url: str
    per_second: int
    at_once: int
    is_on: bool
    registered_at: datetime
    planned: tuple[int, int]
    failures: int
    resumes_at: datetime
    free_at: datetime
    proof: Proof
    proof_since: datetime
    proof_failure: str | None = None

    @property
    def is_proven(self) -> bool:
        return self.proof == "proven"

    def proven(self, at: datetime) -> "Callback":
        return replace(self.answered(), proof="proven", proof_since=at, proof_failure=None)

    def unproven(self, failure: str, at: datetime, ceiling: timedelta, random: Callable[[], float]) -> "Callback":
        """Asked again later, and after a day no more."""
        is_over = at - self.proof_since >= PROVEN_WITHIN
        asked = self.away(at, ceiling, random, wants_s=None)
        return replace(asked, proof="failed" if is_over else "asked", proof_failure=failure)

    @property
    def room(self) -> int:
        """How many calls may be under way: one that asks whether the party is back, while it is not."""
        return 1 if self.failures else self.at_once

    def is_left_alone(self, at: datetime) -> bool:
        return at < self.resumes_at

    def after_call(self, at: datetime) -> "Callback":
        """One call leaves at `at`; in no second do more leave than the party takes."""
        return replace(self, free_at=at + timedelta(seconds=1) / self.per_second)

    def answered(self) -> "Callback":
        return replace(self, failures=0)

    def away(self, at: datetime, ceiling: timedelta, random: Callable[[], float], *, wants_s: int | None) -> "Callback":
        """Left alone for longer each time, with jitter, and at least as long as it asked for. Of calls that fail together one counts."""
        if self.is_left_alone(at):
            return self
        wait = max(pause(self.failures + 1, ceiling, random), timedelta(seconds=wants_s or 0))
        return replace(self, failures=self.failures + 1, resumes_at=at + wait)


@dataclass(frozen=True, slots=True)
class Delivery:
    """`attempts` were made before; `wanted_at` begins the time in which it is tried."""

    id: Id
    place: int
    number: str
    body: str
    attempts: int
    wanted_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """`status` 0: no answer, and `reason` says why."""

    at: datetime
    status: int
    latency_ms: int
    reason: str | None = None


def is_echoed(nonce: str, body: bytes) -> bool:
    """Whether the answer is a JSON object with the challenge: only who reads what is sent there can say it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    echoed = said.get("challenge") if isinstance(said, dict) else None
    return isinstance(echoed, str) and len(echoed) <= _LONGEST_NONCE and hmac.compare_digest(echoed.encode(), nonce.encode())


def outcome_of(status: int) -> Outcome:
    """`status` 0: no answer."""
    if 200 <= status < 300:
        return "delivered"
    return "refused" if status in _REFUSES_THIS else "away"


def pause(failures: int, ceiling: timedelta, random: Callable[[], float]) -> timedelta:
    """Before try number `failures` + 1: doubled each time up to the ceiling, and of that between half and all."""
    return min(ceiling, _FIRST_PAUSE * (1 << min(failures - 1, 30))) * (0.5 + random() / 2)
