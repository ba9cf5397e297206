"""接入管理: parties and their life."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.permissions import Permission
from contracts.strict import Answer, Choice, Count, Document, Instant, Line, Model, Paragraph
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId

Kind = Literal["app", "district", "department"]
Environment = Literal["sandbox", "production"]
KeyUse = Literal["signature", "assertion", "tls"]

KeyId = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9._~-]{1,128}$")]
Network = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Fa-f.:/]{2,49}$")]
Networks = Annotated[list[Network], Field(max_length=100)]
Rate = Annotated[float, Field(gt=0, le=10_000)]
Burst = Annotated[int, Field(strict=True, ge=1, le=20_000)]
Purposes = Annotated[dict[Line, Count], Field(max_length=200)]
Keys = Annotated[list[Document], Field(max_length=5)]
Certificate = Annotated[str, Field(strict=True, max_length=16_384, pattern=r"^[\x20-\x7e\r\n]+$")]


class ApplyParty(Model):
    """A system asks to be registered, through the officer who enters its application.

    `jwks` are its public P-256 keys for the sandbox, `production_jwks` those for production, which begin to work when
    production opens; `certificates` are its TLS client certificates of production in PEM. `redirect_uris` are for apps,
    `officers` for systems; `permissions` and `matters` (basic codes) are what it wants to do. `purposes` are calls a day by purpose, `per_day` in all; `networks` are CIDR blocks.
    """

    name: Line
    kind: Kind
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    jwks: Annotated[list[Document], Field(min_length=1, max_length=5)]
    production_jwks: Keys = []
    certificates: Annotated[list[Certificate], Field(max_length=5)] = []
    redirect_uris: Annotated[list[Line], Field(max_length=10)] = []
    officers: Annotated[list[OfficerId], Field(max_length=1000)] = []
    contact: Line | None = None
    reason: Paragraph | None = None
    permissions: Annotated[list[Choice[Permission]], Field(max_length=100)] = []
    matters: Annotated[list[Line], Field(max_length=1000)] = []
    per_second: Rate = 200.0
    burst: Burst = 400
    per_day: Count | None = None
    purposes: Purposes = {}
    networks: Networks = []
    expires_at: Instant | None = None


class PartyKey(Answer):
    """A key of a party, never its private half. `added_by` is the officer, absent when the party itself added it."""

    kid: str
    environment: str
    use: str
    thumbprint: str
    not_before: Instant
    not_after: Instant | None = None
    added_by: OfficerId | None = None
    added_at: Instant
    revoked_by: OfficerId | None = None
    revoked_at: Instant | None = None


class Party(Answer):
    """`status` is applied, testing, active, suspended, expired or withdrawn; `application` is what was applied for."""

    id: PartyId
    name: str
    kind: str
    status: str
    environment: str = "production"
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    redirect_uris: list[str] = []
    officers: list[OfficerId] = []
    duties: dict[str, list[str]] = {}
    key_ids: list[str] = []
    keys: list[PartyKey] = []
    application: dict[str, object] = {}
    applied_by: OfficerId | None = None
    approved_by: OfficerId | None = None
    production_by: OfficerId | None = None
    production_at: Instant | None = None
    suspended_by: OfficerId | None = None
    suspended_for: str | None = None
    withdrawn_by: OfficerId | None = None
    withdrawn_for: str | None = None
    per_second: float = 0.0
    burst: int = 0
    per_day: int | None = None
    purposes: dict[str, int] = {}
    networks: list[str] = []
    expires_at: Instant | None = None
    changed_at: Instant


class Suspend(Model):
    reason: Line


class Withdraw(Model):
    reason: Line


class Restrict(Model):
    """Narrower terms, in force at once. What is absent stays; what is wider than now is refused."""

    per_second: Rate | None = None
    burst: Burst | None = None
    per_day: Count | None = None
    purposes: Purposes | None = None
    networks: Networks | None = None
    expires_at: Instant | None = None


class NewOwnKey(Model):
    """A party's own statement about its next key: a compact JWS (RFC 7515) of type `party-key+jwt` by a current key.

    Its payload is `{iss: <party id>, iat, jwk, proof, not_after?}`; `proof` is a compact JWS of type `party-key-proof+jwt`
    by the new key over `{iss, iat}`. Both are good for five minutes.
    """

    statement: Annotated[str, Field(strict=True, max_length=8192, pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]


__all__ = [
    "ApplyParty",
    "Burst",
    "Certificate",
    "Environment",
    "KeyId",
    "KeyUse",
    "Kind",
    "Networks",
    "NewOwnKey",
    "Party",
    "PartyKey",
    "Purposes",
    "Rate",
    "Restrict",
    "Suspend",
    "Withdraw",
]
