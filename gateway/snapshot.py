"""What the gateway knows of parties, resources, policies and channels, as one immutable value replaced as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from contracts.values import CreditCode, DivisionCode, PartyId

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A registered party. `keys` are its public keys by key id; `per_second` and `burst` its limit.

    `channels` are
    the codes of the channels it may come through, the first its usual one (none: the usual one of its kind). `networks`
    are where it may call from (none: anywhere). `per_day` and `purposes` bound its calls a day, in all and by purpose
    (None, absent: no bound). `duties` are each officer's, of system, security and audit 三员分立. Times are seconds
    since the epoch.
    """

    id: PartyId
    name: str
    kind: str
    status: str
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    officers: frozenset[str] = frozenset()
    keys: Mapping[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    per_second: float = 200.0
    burst: int = 400
    channels: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    per_day: int | None = None
    purposes: Mapping[str, int] = field(default_factory=dict)
    duties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    expires_at: float | None = None

    @property
    def is_active(self) -> bool:
        return self.status == "active"


def public_keys(jwks: list[dict[str, Any]]) -> dict[str, ec.EllipticCurvePublicKey]:
    """Keys ready to verify with, by their `kid` (their thumbprint where they have none).

    Raises: JoseError or ValueError for what is no key.
    """
    keys = {}
    for jwk in jwks:
        key = ECKey.import_key(jwk)
        public = key.public_key
        assert isinstance(public, ec.EllipticCurvePublicKey)
        keys[str(jwk.get("kid") or key.thumbprint())] = public
    return keys


@dataclass(frozen=True, slots=True)
class Resource:
    """One registered route: who owns it, for whom it is, how sensitive it answers, whether it is in use.

    `priority` is 0 for what must go on whatever happens (codes, sign-on), 1 for progress, 2 for intake, 3 for statistics.
    `notices` are headers that its answers carry, of deprecation and sunset.
    """

    service: str
    method: str
    path: str
    permission: str
    audience: str
    assurance: int
    max_age_s: int | None
    grade: int
    state: str = "active"
    owner: str = ""
    sharing: str = "conditional"
    version: str = "1"
    priority: int = 2
    notices: Headers = ()
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.method} {self.path}")


@dataclass(slots=True)
class Found:
    """Where a path leads. Without a resource, `allowed` names the methods that the path would take, `audience` for whom
    they all are, "" where they differ."""

    resource: Resource | None
    parameters: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    audience: str = ""


_FOUND_SIZE: Final = 4096


class _Node:
    """One segment of a path: the segments that may follow it literally, any other, and who is reached when it is the last."""

    __slots__ = ("any_other", "following", "methods")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.any_other: _Node | None = None
        self.methods: dict[str, tuple[Resource, tuple[str, ...]]] = {}

    def add(self, resource: Resource) -> None:
        node, names = self, []
        for segment in _segments(resource.path):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.any_other = node.any_other or _Node()
                node = node.any_other
            else:
                node = node.following.setdefault(segment, _Node())
        node.methods[resource.method] = (resource, tuple(names))

    def descend(self, segments: list[str], at: int, values: tuple[str, ...]) -> "tuple[_Node, tuple[str, ...]] | None":
        if at == len(segments):
            return (self, values) if self.methods else None
        segment = segments[at]
        if not segment:
            return None
        if (literal := self.following.get(segment)) is not None and (found := literal.descend(segments, at + 1, values)):
            return found
        return self.any_other.descend(segments, at + 1, (*values, segment)) if self.any_other is not None else None


class RouteTable:
    """Resources by path: literal segments win over parameters."""

    def __init__(self, resources: list[Resource]) -> None:
        self._root = _Node()
        for resource in resources:
            self._root.add(resource)
        self._found: dict[tuple[str, str], Found] = {}

    def find(self, method: str, path: str) -> Found:
        """The newest answers are remembered: the most wanted paths have no parameters."""
        found = self._found.get((method, path))
        if found is None:
            found = self._search(method, path)
            if len(self._found) >= _FOUND_SIZE:
                self._found.clear()
            self._found[method, path] = found
        return found

    def _search(self, method: str, path: str) -> Found:
        reached = self._root.descend(_segments(path), 0, ())
        if reached is None:
            return Found(None)
        node, values = reached
        leads_to = node.methods.get(method)
        if leads_to is None:
            audiences = {each.audience for each, _ in node.methods.values()}
            return Found(None, {}, tuple(sorted(node.methods)), audiences.pop() if len(audiences) == 1 else "")
        resource, names = leads_to
        return Found(resource, dict(zip(names, values, strict=True)) if names else {})


def _segments(path: str) -> list[str]:
    """Empty ones stay, so that `/cases/` and `//cases` are other paths than `/cases`."""
    return path[1:].split("/") if path != "/" else []


@dataclass(frozen=True, slots=True)
class Channel:
    """渠道: through which door of the city a kind of party comes in."""

    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`granted` maps a kind of party to its permissions under policy version `policy_version`."""

    parties: Mapping[PartyId, Party]
    routes: RouteTable
    granted: Mapping[str, frozenset[str]]
    policy_version: int
    channels: Mapping[str, Channel]


NOTHING_KNOWN = Snapshot({}, RouteTable([]), {}, 0, {})


class SnapshotSource(Protocol):
    def current(self) -> Snapshot: ...


class NonceStore(Protocol):
    async def is_first_use(self, party: PartyId, nonce: str, created: int) -> bool:
        """True once per (party, nonce). Raises Unavailable when that cannot be known within its deadline."""
