"""Conformance runs: what an integrator's own system did while the kit stood in for the gateway."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.gateway.parties import Kind
from contracts.strict import Answer, Instant, Line, Model
from contracts.values import Id, PartyId

Play = Literal["answered", "busy", "down", "lost", "refused", "expired", "forged", "visited"]
"""How a request was met: answered as the mesh would, 429, 503, connection cut after the request was applied, a refusal that is
final, 401 for a token called over, a sign-on whose answer is not to be believed, and a visit of the kit to the app's own pages."""

HeaderName = Literal[
    "authorization",
    "content-digest",
    "content-type",
    "dpop",
    "host",
    "idempotency-key",
    "signature",
    "signature-input",
    "tongban-operator",
]
"""The headers of a request that a transcript keeps."""


class Exchange(Model):
    """One request of the system under test and how the kit met it.

    `at_ms` and `answered_ms` are milliseconds since 1970 by the kit's clock; `path` is raw, `query` has no question mark.
    Of a body only its SHA-256 in hexadecimal is kept, "" without a body; `form` holds what was said to the token endpoint.
    `shown` are the case numbers that the answer told of for the first time. `status` is 0 where no answer came.
    """

    at_ms: Annotated[int, Field(ge=0, le=2**53)]
    answered_ms: Annotated[int, Field(ge=0, le=2**53)]
    method: Annotated[str, Field(pattern=r"^[A-Z]{3,7}$")]
    path: Annotated[str, Field(max_length=500)]
    query: Annotated[str, Field(max_length=2000)] = ""
    headers: Annotated[dict[HeaderName, Annotated[str, Field(max_length=4000)]], Field(max_length=16)] = {}
    body_sha256: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64})?$")] = ""
    form: Annotated[dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=4000)]], Field(max_length=16)] = {}
    play: Play
    status: Annotated[int, Field(ge=0, le=599)]
    shown: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] = []


class Outcome(Model):
    """What the kit itself makes of one check; the gateway judges the transcript anew. `reason` is "" where the check holds."""

    check: Annotated[str, Field(max_length=64)]
    reason: Annotated[str, Field(max_length=500)]


class Report(Model):
    """A finished run as the kit tells it, signed by the party like every request. `listened_at` is the host of the kit's door."""

    seed: Annotated[str, Field(max_length=64)]
    kind: Kind
    kit_version: Line
    listened_at: Annotated[str, Field(max_length=255)]
    exchanges: Annotated[list[Exchange], Field(max_length=600)]
    outcomes: Annotated[list[Outcome], Field(max_length=64)]


class Check(Answer):
    """One thing that a system must do, in a sentence; `id` never changes."""

    id: str
    zh: str
    en: str


class FailedCheck(Check):
    """`reason` says what the transcript shows instead."""

    reason: str


class ConformanceRun(Answer):
    """One run of the kit. `state` is open, passed or failed; an open one is good until `expires_at`."""

    id: Id
    party: PartyId
    kind: str
    seed: str
    state: str
    checks: list[Check]
    failing: list[FailedCheck] = []
    started_at: Instant
    expires_at: Instant
    ended_at: Instant | None = None
