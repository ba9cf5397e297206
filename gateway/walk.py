"""A request on its way through the rooms, and what the rooms have found out about it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.http.dpop import Proof
from chassis.http.signatures import Signed
from contracts.values import MandateId, OfficerId, OrganisationId, PersonId
from gateway.snapshot import Found, Party, Snapshot


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it arrived: `path` raw and undecoded, header names in lower case, the body whole.

    `client` is the caller's address and `certificate` the x5t#S256 of its TLS certificate, as the outermost trusted edge saw them.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str = ""
    certificate: str = ""

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each == name), None)

    def combined(self) -> dict[str, str]:
        """Headers by name, those given more than once as one list. Source: RFC 9421 section 2.1."""
        joined: dict[str, str] = {}
        for name, value in self.headers:
            joined[name] = f"{joined[name]}, {value.strip()}" if name in joined else value.strip()
        return joined


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified access token of identity. Times are seconds since the epoch.

    `subject_type` is client, person, organisation or staff. With an `actor`, that person acts for the subject under
    `mandate` until `mandate_until`. `key_thumbprint` is that of the key its holder must prove (RFC 9449), "" for none,
    `certificate` that of the TLS certificate it must come with (RFC 8705).
    """

    client_id: str
    subject: str
    subject_type: str
    session: str
    grant: str
    assurance: int
    auth_time: int
    expires: int
    actor: str = ""
    mandate: str = ""
    mandate_matters: tuple[str, ...] = ()
    officer: str = ""
    agency: str = ""
    key_thumbprint: str = ""
    certificate: str = ""
    issued: int = 0

    @property
    def revocable(self) -> tuple[str, ...]:
        """What this token stands on, its subject too: it falls with any of them."""
        return tuple(each for each in (self.session, self.grant, self.mandate, self.subject) if each)


@dataclass(slots=True)
class Walk:
    """`channel` is the code of the channel that the request comes through, `permissions` are what the service behind is
    told is granted, `facts` what the authorisation was decided by, `limit` the state of the limit that came closest."""

    incoming: Incoming
    snapshot: Snapshot
    found: Found
    now: float
    party: Party | None = None
    kind: str = "portal"
    signed: Signed | None = None
    proof: Proof | None = None
    token: AccessToken | None = None
    person: PersonId | None = None
    organisation: OrganisationId | None = None
    actor: PersonId | None = None
    mandate: MandateId | None = None
    assurance: int = 0
    auth_time: int = 0
    officer: OfficerId | None = None
    environment: str = "production"
    channel: str = ""
    scene: str = ""
    purpose: str = ""
    permissions: frozenset[str] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=dict)
    limit: Mapping[str, Any] = field(default_factory=dict)

    @property
    def audience(self) -> str:
        return self.found.resource.audience if self.found.resource else ""
