"""What the gateway knows of parties, resources, policies and channels, as one immutable value replaced as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from contracts.values import CreditCode, DivisionCode, PartyId
from gateway.policies import NO_POLICIES, Policies

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a party proves itself by in one environment, from `not_before` until `not_after` in seconds since the epoch."""

    environment: str = "production"
    not_before: float = 0.0
    not_after: float | None = None

    def holds(self, now: float) -> bool:
        return self.not_before <= now and (self.not_after is None or now < self.not_after)


@dataclass(frozen=True, slots=True)
class Key(Credential):
    """A key that signs requests."""

    public: ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Party:
    """A registered party. `keys` are its public keys by key id; `per_second` and `burst` its limit.

    `certificates` are its TLS client certificates by x5t#S256 (RFC 8705): in an environment in which it has any, it must
    present one that holds. Production opened at `production_at`. `channels` are the codes of the channels it may come
    through, the first its usual one (none: the usual one of its kind). `networks` are where it may call from (none:
    anywhere). `per_day` and `purposes` bound its calls a day, in all and by purpose (None, absent: no bound). `duties`
    are each officer's, of system, security and audit 三员分立. Times are seconds since the epoch.
    """

    id: PartyId
    name: str
    kind: str
    status: str
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    officers: frozenset[str] = frozenset()
    keys: Mapping[str, Key] = field(default_factory=dict)
    per_second: float = 200.0
    burst: int = 400
    channels: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    per_day: int | None = None
    purposes: Mapping[str, int] = field(default_factory=dict)
    duties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    expires_at: float | None = None
    certificates: Mapping[str, Credential] = field(default_factory=dict)
    production_at: float = 0.0

    @property
    def is_active(self) -> bool:
        return self.status == "active"

    def has_expired(self, now: float) -> bool:
        return self.status == "expired" or (self.is_in_use and self.expires_at is not None and self.expires_at <= now)

    @property
    def is_in_use(self) -> bool:
        return self.status in {"testing", "active"}

    def admits(self, environment: str) -> bool:
        """Whether the party may call there: in the sandbox once it was approved, in production once that was opened."""
        return self.status == "active" or (self.status == "testing" and environment == "sandbox")


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
    `notices` are headers that its answers carry, of deprecation and sunset; it is refused from `sunset_at` (seconds since
    the epoch) on, and `successor` is the path to take then. `personal` are the fields of its answers that tell of a person,
    each `path:form`, the form one of `contracts.personal`. `body_limit_bytes` is how large a body it takes where that is
    more than the gateway's usual limit.
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
    personal: tuple[str, ...] = ()
    sunset_at: float | None = None
    successor: str | None = None
    body_limit_bytes: int = 0
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
    """Resources by path: literal segments win over parameters. `resources` are all of them, in no order."""

    def __init__(self, resources: list[Resource]) -> None:
        self.resources = tuple(resources)
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
class Hours:
    """Opening hours: `days` from 1 (Monday) to 7, `opens` and `closes` in seconds of the city's day."""

    days: frozenset[int]
    opens: int
    closes: int

    def include(self, now: float) -> bool:
        day, second = divmod(int(now) + _CITY_AHEAD_S, 86_400)
        # The epoch began on a Thursday.
        return (day + 3) % 7 + 1 in self.days and self.opens <= second < self.closes


# Asia/Shanghai has had no summer time since 1991.
_CITY_AHEAD_S: Final = 8 * 3600


@dataclass(frozen=True, slots=True)
class Channel:
    """渠道: one way into the city, and what its policy lets through.

    Parties of these `kinds` to routes of these `audiences`, up to data of `grade`, for people whose sign-on has at least
    `assurance`; only reading unless it `may_write`. `origins` are those whose scripts may call (RFC 6454). `usual_for` are
    the kinds that come through it when their party is registered for no other. `closed_for`: why, in Chinese and English.
    """

    code: str
    is_open: bool = True
    kinds: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    grade: int = 4
    assurance: int = 0
    may_write: bool = True
    origins: frozenset[str] = frozenset()
    hours: Hours | None = None
    usual_for: frozenset[str] = frozenset()
    closed_for: tuple[str, str] | None = None


def usual(channels: Mapping[str, Channel]) -> Mapping[str, str]:
    """Kind of party → the code of its usual channel."""
    return {kind: channel.code for channel in channels.values() for kind in channel.usual_for}


@dataclass(frozen=True, slots=True)
class MaskingRule:
    """To whom, for answers up to `grade`, fields of the forms in `clear` are shown as they are ("*": all). A condition that
    is empty or None fits everybody. `is_own` is whether the answer is the caller's own, `has_officer` whether one is named."""

    kinds: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    is_own: bool | None = None
    has_officer: bool | None = None
    grade: int = 4
    clear: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`policies` are those of one version; what they decided is remembered with this snapshot and forgotten with it.
    `channels` maps codes to channels, `usual_channels` a kind of party to the code of its usual one. `granted` is what the rooms
    have granted by it: it goes with the snapshot."""

    parties: Mapping[PartyId, Party]
    routes: RouteTable
    policies: Policies
    channels: Mapping[str, Channel]
    usual_channels: Mapping[str, str] = field(default_factory=dict)
    masking: tuple[MaskingRule, ...] = ()
    granted: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def policy_version(self) -> int:
        return self.policies.version


NOTHING_KNOWN = Snapshot({}, RouteTable([]), NO_POLICIES, {})


class SnapshotSource(Protocol):
    def current(self) -> Snapshot: ...


class NonceStore(Protocol):
    async def is_first_use(self, party: PartyId, nonce: str, created: int) -> bool:
        """True once per (party, nonce). Raises Unavailable when that cannot be known within its deadline."""
