"""Sends a corpus through the gateway's own walk, everything real but the services behind it, and compares."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.clock import FixedClock
from chassis.http.mesh_token import CallerFacts, MeshSigner, MeshVerifier
from chassis.http.signatures import Message, sign
from contracts.headers import CHANNEL, MESH_TOKEN, OPERATOR, PURPOSE
from contracts.topics import SERVICES
from contracts.values import PartyId, SessionId
from gateway.decision import Decision, Deny
from gateway.door import Exchange
from gateway.door.body import Body
from gateway.fields import Fields
from gateway.pipeline import Pipeline
from gateway.proxy.answer import Answer, Pieces
from gateway.proxy.places import Attendance
from gateway.proxy.upstream import Upstream
from gateway.registry.snapshots import reading
from gateway.snapshot import Snapshot
from gateway.tokens import Tokens
from gateway.unified.protection import Limits
from gateway.walk import Incoming
from tests.rules.corpus import Asked, Corpus, Signature, Token
from tests.rules.oracle import Oracle, Verdict
from tests.rules.world import World, built
from tests.unit.gateway.city import ISSUER, Said

_HOST: Final = "city.example"
_BODY_LIMIT: Final = 1000
_REVOKED: Final = SessionId.new()


def _pem() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


_IDENTITY, _STRANGER, _MESH = _pem(), _pem(), _pem()
_KEYS: Final = {pem: ECKey.import_key(pem) for pem in (_IDENTITY, _STRANGER, _MESH)}


@dataclass
class Outcome:
    """`refusals` counts by (room, code). `mismatches` are (request, expected, met)."""

    decisions: int = 0
    granted: int = 0
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    mismatches: list[tuple[Asked, Verdict, Verdict]] = field(default_factory=list)

    @property
    def rooms(self) -> set[str]:
        return {room for room, _ in self.refusals}

    def line(self) -> str:
        return f"decisions={self.decisions} mismatches={len(self.mismatches)} rules_covered={len(self.rooms)}/6"


async def replay(count: int, seed: int) -> Outcome:
    world = built(float(int(time.time())), seed)
    gate, oracle, outcome = Gate(world), Oracle(world.rows, world.now), Outcome()
    for request in Corpus(world.rows, seed, count):
        expected, met = oracle.judge(request), await gate.meets(request)
        outcome.decisions += 1
        if met.room:
            outcome.refusals[met.room, met.code] += 1
        else:
            outcome.granted += 1
        if met != expected:
            outcome.mismatches.append((request, expected, met))
    return outcome


class Gate:
    """A pipeline over the world's registry. What a service would be told is read from the mesh token that reaches it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._snapshot = reading.snapshot(world.rows)
        self._decision: Decision | None = None
        self._told: CallerFacts | None = None
        self._nonces: set[tuple[PartyId, str]] = set()
        self._signed: dict[str, dict[str, str]] = {}
        self._tokens: dict[Token, str] = {}
        self._fields: dict[tuple[tuple[str, str], ...], Fields] = {}
        self._verifiers = {name: MeshVerifier(name, {"gateway": _KEYS[_MESH].as_dict(private=False)}) for name in SERVICES}
        tokens = Tokens(ISSUER)
        tokens._add_keys({"keys": [{**_KEYS[_IDENTITY].as_dict(private=False), "kid": "id-1"}]})
        tokens.revoke(_REVOKED, world.now)
        self._pipeline = Pipeline(
            self,
            self,
            self,
            tokens,
            MeshSigner("gateway", _MESH),
            Limits(),
            {name: _Behind(self, name) for name in SERVICES},
            FixedClock(datetime.fromtimestamp(world.now, UTC)),
            _BODY_LIMIT,
            time=lambda: world.now,
        )

    async def meets(self, request: Asked) -> Verdict:
        self._told = None
        await self._send(request)
        decision, told = self._decision, self._told
        assert decision is not None
        if decision.refused_by:
            assert told is None, "nothing that is refused reaches a service"
            return Verdict(str(decision.refused_by), str(decision.code))
        if decision.environment == "production":
            assert told is not None
            assert decision.route
            resource = self._snapshot.routes.find(request.method, request.path).resource
            assert resource is not None
            assert told.permissions == {resource.permission}
            said = (told.party, told.person, told.organisation, told.actor, told.officer)
            assert said == (decision.party, decision.person, decision.organisation, decision.actor, decision.officer)
        return Verdict(
            party=decision.party,
            person=decision.person,
            organisation=decision.organisation,
            actor=decision.actor,
            officer=decision.officer,
            channel=decision.channel,
            environment=decision.environment,
        )

    async def _send(self, request: Asked) -> None:
        """By header fields that are one object where they are the same, as the door recognises them."""
        given = tuple((name.decode(), value.decode()) for name, value in self._headers(request))
        fields = self._fields.setdefault(given, Fields(given))
        fields.is_known = request.signature is None
        body = Body(0, lambda: None)
        body.finish()
        await self._pipeline(Exchange(Incoming(request.method, request.path, "", fields, client=request.client), body, Said()))

    def note(self, service: str, mesh_token: str) -> None:
        self._told = self._verifiers[service].facts(mesh_token)

    # What the pipeline is handed

    def current(self) -> Snapshot:
        return self._snapshot

    async def is_first_use(self, party: PartyId, nonce: str, created: int) -> bool:
        is_first = (party, nonce) not in self._nonces
        self._nonces.add((party, nonce))
        return is_first

    def record(self, decision: Decision) -> None:
        self._decision = decision

    async def durable(self, decision: Decision) -> None:
        self._decision = decision

    # What arrives

    def _headers(self, request: Asked) -> Iterable[tuple[bytes, bytes]]:
        headers = {"host": _HOST}
        if request.channel is not None:
            headers[CHANNEL] = request.channel
        if request.purpose is not None:
            headers[PURPOSE] = quote(request.purpose)
        if request.officer is not None:
            headers[OPERATOR] = request.officer
        if request.token is not None:
            headers["authorization"] = f"Bearer {self._token(request.token)}"
        if request.signature is not None:
            covered = {name: value for name, value in headers.items() if name != "host"}
            headers |= self._signature(request, request.signature, covered)
        return ((name.encode(), value.encode()) for name, value in headers.items())

    def _signature(self, request: Asked, signature: Signature, covered: dict[str, str]) -> dict[str, str]:
        """The very same one for a request that is sent again."""
        if signature.nonce in self._signed:
            return self._signed[signature.nonce]
        path, _, query = request.path.partition("?")
        pem = self._world.pems.get((signature.party, signature.kid), _STRANGER) if signature.is_good else _STRANGER
        message = Message(request.method, _HOST, path, query, covered, b"")
        signed = sign(message, pem, key_id=f"{signature.party}#{signature.kid}", created=int(self._world.now))
        self._signed[signature.nonce] = signed
        return signed

    def _token(self, token: Token) -> str:
        """The very same one for whoever calls again."""
        if token not in self._tokens:
            self._tokens[token] = self._minted(token)
        return self._tokens[token]

    def _minted(self, token: Token) -> str:
        now = int(self._world.now)
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": ISSUER,
            "client_id": token.client,
            "sub": token.subject,
            "subject_type": token.subject_type,
            "iat": now - 10,
            "exp": now - 5 if token.fault == "expired" else now + 900,
            "sid": _REVOKED if token.fault == "revoked" else SessionId.new(),
            "assurance": token.assurance,
            "auth_time": now - token.age_s,
        }
        if token.actor is not None:
            said |= {"act": {"sub": token.actor}, "mandate": {"id": token.mandate, "until": now + 900}}
        if token.officer:
            said |= {"officer": token.officer, "agency": token.agency}
        header = {"alg": "ES256", "typ": "JWT" if token.fault == "wrong-type" else "at+jwt"}
        header["kid"] = "id-2" if token.fault == "unknown-key" else "id-1"
        return jwt.encode(header, said, _KEYS[_STRANGER if token.fault == "forged" else _IDENTITY])


class _Behind(Upstream):
    """What the pipeline takes for a service's pool."""

    def __init__(self, gate: Gate, service: str) -> None:
        super().__init__("http://127.0.0.1:1", connections=1, deadline_s=1)
        self._gate, self._service = gate, service

    async def ask(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        *,
        rest: Pieces | None = None,
        length: int | None = None,
        lines: bytes = b"",
        attendance: Attendance | None = None,
    ) -> Answer | Deny:
        said = dict(headers)
        for line in lines.split(b"\r\n"):
            name, _, value = line.partition(b": ")
            said[name] = value
        self._gate.note(self._service, said[MESH_TOKEN.encode()].decode())
        return Answer(200, [(b"content-type", b"application/json")], b"{}")
