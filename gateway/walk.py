"""A request on its way through the rooms, and what the rooms have found out about it so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chassis.http.dpop import Proof
from chassis.http.signatures import Signed
from contracts.values import MandateId, OfficerId, OrganisationId, PartyId, PersonId
from gateway.fields import Fields
from gateway.snapshot import Found, Party, Snapshot

_SCHEMES: Final = frozenset({"http", "https"})


class Incoming:
    """A request as it arrived: `path` raw and undecoded, header names in lower case.

    `body` is there for those rooms that need it: it is whole when the request is signed, empty otherwise. `length` is what
    was declared of it. `client` is the caller's address and `certificate` the x5t#S256 of its TLS certificate, as the
    outermost trusted edge saw them.
    """

    __slots__ = ("body", "certificate", "client", "fields", "length", "method", "path", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: "Fields | Sequence[tuple[str, str]]",
        body: bytes = b"",
        client: str = "",
        length: int = 0,
        certificate: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.fields = headers if isinstance(headers, Fields) else Fields(headers)
        self.body = body
        self.client = client
        self.certificate = certificate
        self.length = length

    @classmethod
    def arrived(cls, method: bytes, target: bytes, fields: Fields, length: int, client: str) -> "Incoming | None":
        """None when two readers could read it as two different requests. Source: RFC 9112 sections 3.2 and 3.3."""
        if not fields.has_one_host or not target.isascii() or b"#" in target:
            return None
        path, _, query = str(target, "ascii").partition("?")
        if path[:1] != "/" and "://" in path:
            scheme, _, rest = path.partition("://")
            authority, slash, rest = rest.partition("/")
            if scheme.lower() not in _SCHEMES or fields.by_name["host"] != authority:
                return None
            path = slash + rest or "/"
        return cls(str(method, "ascii"), path, query, fields, b"", client, length)

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return self.fields.given

    def header(self, name: str) -> str | None:
        return self.fields.by_name.get(name)

    def combined(self) -> dict[str, str]:
        """Headers by name, those given more than once as one list. Source: RFC 9421 section 2.1."""
        joined: dict[str, str] = {}
        for name, value in self.headers:
            joined[name] = f"{joined[name]}, {value.strip()}" if name in joined else value.strip()
        return joined


@dataclass(frozen=True, slots=True, eq=False)
class AccessToken:
    """A verified access token of identity, one object for as long as it is remembered. Times are seconds since the epoch.

    `subject_type` is client, person, organisation or staff. With an `actor`, that person acts for the subject under
    `mandate` until `mandate_until`. `key_thumbprint` is that of the key its holder must prove (RFC 9449), "" for none,
    `certificate` that of the TLS certificate it must come with (RFC 8705). It stands on what is `revocable`, its subject too, and falls with any of it.
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

    revocable: tuple[str, ...] = field(init=False)
    party: PartyId | None = field(init=False)
    person: PersonId | None = field(init=False)
    passes: dict[Any, Any] = field(default_factory=dict)
    """Mesh tokens minted for it: they are forgotten with it."""

    def __post_init__(self) -> None:
        stands_on = tuple(each for each in (self.session, self.grant, self.mandate, self.subject) if each)
        object.__setattr__(self, "revocable", stands_on)
        object.__setattr__(self, "party", PartyId.read(self.client_id))
        object.__setattr__(self, "person", PersonId(self.subject) if self.subject_type == "person" else None)


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

    def follow(self, other: "Walk") -> None:
        """What the rooms have found out on another walk holds for this one."""
        self.party, self.kind, self.token, self.environment = other.party, other.kind, other.token, other.environment
        self.person, self.organisation, self.officer = other.person, other.organisation, other.officer
        self.actor, self.mandate = other.actor, other.mandate
        self.assurance, self.auth_time = other.assurance, other.auth_time
        self.channel, self.scene, self.purpose = other.channel, other.scene, other.purpose
        self.permissions, self.facts, self.limit = other.permissions, other.facts, other.limit

    @property
    def audience(self) -> str:
        return self.found.resource.audience if self.found.resource else ""
