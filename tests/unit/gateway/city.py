"""A city of one resource of each kind and one party of each kind, in memory."""

import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.clock import FixedClock
from chassis.errors import Unavailable
from chassis.http.mesh_token import CallerFacts, MeshSigner, MeshVerifier
from chassis.http.signatures import Message, sign
from contracts.headers import MESH_TOKEN
from contracts.values import DivisionCode, PartyId, PersonId, SessionId
from gateway.decision import Decision, Deny
from gateway.door import App, Body, Exchange
from gateway.pipeline import Pipeline
from gateway.policies import Policies
from gateway.proxy.answer import Answer
from gateway.registry.bootstrap import policy_files
from gateway.snapshot import Channel, Key, Party, Resource, RouteTable, Snapshot, usual
from gateway.tokens import Tokens
from gateway.unified.edges import Edges
from gateway.unified.protection import Admission, Limits
from gateway.walk import Incoming

ISSUER = "http://city.example"
PERSON = PersonId.new()
APP, DISTRICT, CONSOLE, SUSPENDED = (PartyId.new() for _ in range(4))
PERMISSIONS = frozenset({"matter:read", "case:read", "case:decide", "party:read", "sign:on", "portal:read"})

AUDIENCES = frozenset({"open", "protocol", "party", "person", "subject", "operator"})


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


KEY, IDENTITY_KEY, MESH_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
PEM = _pem(KEY)


def resource(method: str, path: str, permission: str, audience: str, **more: Any) -> Resource:
    return replace(Resource("application", method, path, permission, audience, 0, None, 1), **more)


RESOURCES = (
    resource("GET", "/docs", "portal:read", "open"),
    resource("POST", "/token", "sign:on", "protocol"),
    resource("GET", "/matters", "matter:read", "party"),
    resource("POST", "/matters", "matter:import", "party"),
    resource("GET", "/old-matters", "matter:read", "party", state="retired"),
    resource("GET", "/cases/{number}", "case:read", "person", assurance=2),
    resource("POST", "/cases/{number}/decision", "case:decide", "party"),
    resource("POST", "/wallet", "case:read", "person", assurance=3, max_age_s=300),
    resource("GET", "/parties", "party:read", "operator"),
)


def party(party_id: PartyId, kind: str, **more: Any) -> Party:
    known = Party(party_id, f"{kind} one", kind, "active", division=DivisionCode("310000"), keys={"k1": Key(KEY.public_key())})
    return replace(known, **more)


PARTIES = (
    party(APP, "app"),
    party(DISTRICT, "district", officers=frozenset({"qx-001"})),
    party(CONSOLE, "operator", officers=frozenset({"op-001"}), duties={"op-001": frozenset({"system", "security", "audit"})}),
    party(SUSPENDED, "app", status="suspended"),
)


def snapshot(*, parties: tuple[Party, ...] = PARTIES, closed: str = "", version: int = 7) -> Snapshot:
    kinds = ("portal", "app", "district", "department", "operator")
    channels = {
        kind: Channel(kind, kind != closed, kinds=frozenset({kind}), audiences=AUDIENCES, usual_for=frozenset({kind})) for kind in kinds
    }
    routes = RouteTable(list(RESOURCES))
    return Snapshot({each.id: each for each in parties}, routes, policies(version), channels, usual(channels))


def policies(version: int = 7, **more: str) -> Policies:
    """Everybody may do everything of PERMISSIONS, under the seed's own demands on levels. `more` are further texts."""
    actions = ", ".join(f'Action::"{permission}"' for permission in sorted(PERMISSIONS))
    everybody = f'@id("everybody") @zh("众") @en("All.") permit (principal is Party, action in [{actions}], resource is Route);'
    texts = {"everybody": everybody, "levels": policy_files()["levels.cedar"], **more}
    return Policies(version, {f"{name}.cedar": text for name, text in texts.items()})


@dataclass
class City:
    """A pipeline and what it needs. What it did is read from `decisions`, `asked` and `nonces`."""

    known: Snapshot = field(default_factory=snapshot)
    now: float = field(default_factory=lambda: float(int(time.time())))
    decisions: list[Decision] = field(default_factory=list)
    durable_decisions: list[Decision] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    nonces: set[tuple[PartyId, str]] = field(default_factory=set)
    answer: Answer | Deny = field(default_factory=lambda: Answer(200, [(b"content-type", b"application/json")], b"{}"))
    is_ledger_away: bool = False
    are_nonces_away: bool = False
    limits: Limits = field(default_factory=Limits)
    edges: Edges = field(default_factory=Edges)
    peer: str = "192.0.2.1"
    admission: Admission = field(default_factory=Admission)

    def __post_init__(self) -> None:
        self.tokens = Tokens(ISSUER)
        self.tokens._add_keys({"keys": [{**ECKey.import_key(_pem(IDENTITY_KEY)).as_dict(private=False), "kid": "id-1"}]})

    # What the pipeline is handed

    def current(self) -> Snapshot:
        return self.known

    async def is_first_use(self, party: PartyId, nonce: str, created: int) -> bool:
        if self.are_nonces_away:
            raise Unavailable
        is_first = (party, nonce) not in self.nonces
        self.nonces.add((party, nonce))
        return is_first

    def record(self, decision: Decision) -> None:
        self.decisions.append(decision)

    async def durable(self, decision: Decision) -> None:
        if self.is_ledger_away:
            raise Unavailable
        self.durable_decisions.append(decision)

    async def ask(self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer | Deny:
        assert len({name for name, _ in headers}) == len(headers)
        self.asked.append((method, target, {name.decode(): value.decode("latin-1") for name, value in headers}, body))
        return self.answer

    def pipeline(self) -> Pipeline:
        clock = FixedClock(datetime.fromtimestamp(self.now, UTC))
        signer = MeshSigner("gateway", _pem(MESH_KEY))
        return Pipeline(
            self,
            self,
            self,
            self.tokens,
            signer,
            self.limits,
            {"application": self},
            clock,
            1000,
            lambda: self.now,
            admission=self.admission,
            edges=self.edges,
        )

    # What a test asks

    async def call(
        self, method: str, path: str, headers: dict[str, str] | list[tuple[str, str]] | None = None, *, query: str = "", body: bytes = b""
    ) -> "Said":
        given = list(headers.items()) if isinstance(headers, dict) else headers or []
        raw = [(b"host", b"city.example"), *((name.encode(), value.encode("latin-1")) for name, value in given)]
        return await asked(self.pipeline(), method, path, raw, query=query, body=body, client=self.peer)

    async def signed(
        self,
        party: PartyId,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        query: str = "",
        body: bytes = b"",
        key: str = "#k1",
    ) -> "Said":
        return await self.call(
            method, path, self.signature(party, method, path, headers, query=query, body=body, key=key), query=query, body=body
        )

    def signature(
        self,
        party: PartyId,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        query: str = "",
        body: bytes = b"",
        key: str = "#k1",
    ) -> dict[str, str]:
        message = Message(method, "city.example", path, query, headers or {}, body)
        return {**(headers or {}), **sign(message, PEM, key_id=f"{party}{key}", created=int(self.now))}

    def token(self, client: PartyId = APP, person: PersonId | None = PERSON, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        said = {
            "iss": ISSUER,
            "aud": ISSUER,
            "client_id": client,
            "sub": person or client,
            "subject_type": "person" if person else "client",
            "iat": int(self.now),
            "exp": int(self.now) + 900,
            **({"sid": SessionId.new(), "assurance": 2, "auth_time": int(self.now)} if person else {}),
            **claims,
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "id-1", **(header or {})}, said, ECKey.import_key(_pem(IDENTITY_KEY)))

    def bearer(self, client: PartyId = APP, person: PersonId | None = PERSON, **claims: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(client, person, **claims)}"}

    def caller(self) -> CallerFacts:
        """Whom the newest request behind the rooms was made for, as the service would verify it."""
        verifier = MeshVerifier("application", {"gateway": ECKey.import_key(_pem(MESH_KEY)).as_dict(private=False)})
        return verifier.facts(self.asked[-1][2][MESH_TOKEN])

    @property
    def decision(self) -> Decision:
        [only] = self.decisions + self.durable_decisions
        return only


@dataclass
class Said:
    """A connection that keeps what was answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: bytes = b""
    is_aborted: bool = False
    date: bytes = b""

    def write(self, data: bytes) -> None:
        self.sent += data
        head, _, self.body = self.sent.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)

    async def drained(self) -> None:
        return

    def abort(self) -> None:
        self.is_aborted = True

    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        said: dict[str, Any] = json.loads(self.body)
        assert said["status"] == self.status
        return said


async def asked(
    app: App, method: str, path: str, headers: list[tuple[bytes, bytes]], *, query: str = "", body: bytes = b"", client: str = "192.0.2.1"
) -> Said:
    """What the application of a door answers."""
    incoming = Incoming(
        method,
        path,
        query,
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
        client=client,
        length=len(body),
    )
    arriving, said = Body(len(body), lambda: None), Said()
    arriving.feed(body)
    arriving.finish()
    await app(Exchange(incoming, arriving, said))
    return said
