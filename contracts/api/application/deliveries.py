"""Callbacks of districts and departments, and the ledger of what they were told."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from contracts.strict import Answer, Instant, Line, Model
from contracts.values import CaseNumber, Id, PartyId


class RegisterCallback(Model):
    """Where this party is told of moves: `url` is https at a name of the Internet, `per_second` how many calls it takes."""

    url: Line
    per_second: Annotated[int, Field(ge=1, le=200)] = 20
    at_once: Annotated[int, Field(ge=1, le=16)] = 4


class RotateCallbackKey(Model):
    """The new key signs after `overlap_s`, so that the party can learn it first."""

    overlap_s: Annotated[int, Field(ge=0, le=7 * 86_400)] = 86_400


class CallbackKey(Answer):
    """A key that signs what the party is told, from `signs_from` until that of the next."""

    key_id: str
    jwk: dict[str, Any]
    signs_from: Instant


class Callback(Answer):
    """`failures`: since the party last answered. `waiting` and `dead` count deliveries.

    Nothing is told to an address before it is `proven`: it is `asked` by a signed POST of `{"challenge", "party"}`, and answers 2xx
    with a JSON object that has the same `challenge`. One that has not within a day has `failed`, and is asked again when it is
    registered again. `proof_since`: proven, or asked, since; `proof_failure`: what came of asking last.
    """

    party: PartyId
    url: str
    per_second: int
    at_once: int
    is_on: bool
    registered_at: Instant
    failures: int
    resumes_at: Instant | None
    waiting: int
    dead: int
    proof: Literal["asked", "proven", "failed"]
    proof_since: Instant
    proof_failure: str | None = None
    keys: list[CallbackKey]


class Attempt(Answer):
    """`status` is the answer's, 0 where there was none and `reason` says why."""

    at: Instant
    status: int
    latency_ms: int
    reason: str | None = None


class Delivery(Answer):
    """One move told to one party. `delivery_id` is the Idempotency-Key of each attempt; `body_sha256` in hexadecimal."""

    cursor: str
    delivery_id: Id
    party: PartyId
    number: CaseNumber
    revision: int
    reason: str
    is_replay: bool
    state: Literal["waiting", "delivered", "dead"]
    body_sha256: str
    created_at: Instant
    due_at: Instant | None = None
    ended_at: Instant | None = None
    attempts: list[Attempt]


class Redrive(Model):
    """Try dead deliveries again: these, or all."""

    deliveries: Annotated[list[Id], Field(min_length=1, max_length=100)] | None = None


class Replay(Model):
    """Tell again what happened from `since` until before `until`."""

    since: Instant
    until: Instant

    @model_validator(mode="after")
    def _in_order(self) -> "Replay":
        if self.since >= self.until:
            msg = "since comes before until"
            raise ValueError(msg)
        return self


class Queued(Answer):
    """How many deliveries wait now because of it."""

    count: int
