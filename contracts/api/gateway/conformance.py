"""Conformance runs: what an integrator's own system did while the kit stood in for the gateway."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contracts.api.gateway.parties import Kind
from contracts.strict import Answer, Instant, Line, Model, clean_text
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


# Whatever goes into the transcript is kept as JSON by the database, which takes no NUL.
_Path = Annotated[str, Field(pattern=r"^/[!-~]{0,499}$")]
_Query = Annotated[str, Field(pattern=r"^[!-~]{0,2000}$")]
_Value = Annotated[str, Field(pattern=r"^[ -~]{0,4000}$")]
_Name = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
_Number = Annotated[str, Field(pattern=r"^[0-9A-Z]{45}$")]
_Text = Annotated[str, AfterValidator(clean_text), Field(max_length=500)]


class Exchange(Model):
    """One request of the system under test and how the kit met it.

    `at_ms` and `answered_ms` are milliseconds since 1970 by the kit's clock; `path` is raw, `query` has no question mark.
    Of a body only its SHA-256 in hexadecimal is kept, "" without a body; `form` holds what was said to the token endpoint.
    `shown` are the case numbers that the answer told of for the first time. `status` is 0 where no answer came.
    """

    at_ms: Annotated[int, Field(ge=0, le=2**53)]
    answered_ms: Annotated[int, Field(ge=0, le=2**53)]
    method: Annotated[str, Field(pattern=r"^[A-Z-]{3,16}$")]
    path: _Path
    query: _Query = ""
    headers: dict[HeaderName, _Value] = {}
    body_sha256: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64})?$")] = ""
    form: Annotated[dict[_Name, _Value], Field(max_length=16)] = {}
    play: Play
    status: Annotated[int, Field(ge=0, le=599)]
    shown: Annotated[list[_Number], Field(max_length=20)] = []


class Outcome(Model):
    """What the kit itself makes of one check; the gateway judges the transcript anew. `reason` is "" where the check holds."""

    check: _Name
    reason: _Text


class Report(Model):
    """A finished run as the kit tells it, signed by the party like every request."""

    seed: _Name
    kind: Kind
    kit_version: Line
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
