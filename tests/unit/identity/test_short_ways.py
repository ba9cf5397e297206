"""The short ways in front of the framework: what they answer by themselves, and what they leave to the long way."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey

from chassis.clock import FixedClock
from chassis.errors import ServiceError, Unavailable
from chassis.http.mesh_token import CallerFacts, MeshSigner, MeshVerifier
from contracts.headers import MESH_TOKEN
from contracts.values import Assurance, GrantId, PartyId, PersonId
from services.identity.domain.clients import Client, Profile, Secret, Settings
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import ACCESS_TOKEN_LIFE, Session
from services.identity.domain.signing_keys import StoredKey
from services.identity.repository import KnownClients
from services.identity.repository.standing import Standing
from services.identity.routes.short_ways import Desk, Introspections, OwnTokens
from services.identity.tokens.key_ring import KeyRing
from services.identity.tokens.keys import SigningKey
from services.identity.tokens.signer import Signed, TokenSigner
from tests.support.service import private_key

SECRET = "s" * 43
BODY = b"grant_type=client_credentials"
CLIENT = Client(
    PartyId.new(), "app", "app", None, (), (), True, Settings(Profile.CONFIDENTIAL, "client_secret_basic"), (Secret(digest(SECRET)),)
)
PERMISSIONS = frozenset({"sign:on"})


class Front:
    """The short way in front of nothing: `left` are the bodies that it left to the long way."""

    def __init__(self, clock: FixedClock, client: Client = CLIENT) -> None:
        nothing: Any = None
        clients = self.clients = KnownClients(nothing, clock)
        clients._known[client.id] = (client, clock.now() + timedelta(seconds=2))
        keys = KeyRing(nothing, nothing, clock, private_key("signing"))
        stored = StoredKey("k1", "ES256", private_key("signing"), clock.now(), clock.now())
        keys._keys, keys._read_at = {"k1": SigningKey.prepared(stored)}, clock.now()
        self.signer = TokenSigner("http://city.example", keys)
        verifier = MeshVerifier("identity", {"gateway": ECKey.import_key(private_key("gateway")).as_dict(private=False)})
        desk = Desk(clients, self.signer, nothing, verifier, clock, self)  # type: ignore[arg-type]
        self.app = Introspections(OwnTokens(self._long_way, desk=desk), desk=desk)
        self.holds: bool | ServiceError = True
        self.standing: list[Standing] = []
        self.left: list[bytes] = []
        self.clock = clock

    async def write(self, asked: Standing) -> bool:
        """In the place of the database."""
        self.standing.append(asked)
        if isinstance(self.holds, ServiceError):
            raise self.holds
        return self.holds

    async def _long_way(self, scope: Any, receive: Any, send: Any) -> None:
        self.left.append((await receive())["body"])

    async def ask(self, *chunks: bytes, method: str = "POST", path: str = "/token", **headers: str | None) -> tuple[int, dict[str, Any]]:
        facts = CallerFacts("gateway", party_kind="portal", permissions=PERMISSIONS)
        said = {
            "content-type": "application/x-www-form-urlencoded",
            "authorization": "Basic " + base64.b64encode(f"{CLIENT.id}:{SECRET}".encode()).decode(),
            MESH_TOKEN: MeshSigner("gateway", private_key("gateway")).token(facts, "identity"),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        parts = list(chunks or (BODY,))
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        named = [(name.encode(), value.encode()) for name, value in said.items() if value is not None]
        await self.app({"type": "http", "method": method, "path": path, "headers": named}, receive, send)
        if not sent:
            return 0, {}
        assert dict(sent[0]["headers"])[b"cache-control"] == b"no-store"
        assert dict(sent[0]["headers"])[b"content-length"] == str(len(sent[1]["body"])).encode()
        return sent[0]["status"], json.loads(sent[1]["body"])


async def test_a_remembered_client_has_its_token_without_a_database(clock: FixedClock) -> None:
    front = Front(clock)
    status, said = await front.ask()
    assert (status, said.keys()) == (200, {"access_token", "token_type", "expires_in", "scope"})
    claims = front.signer.read_access_token(said["access_token"], clock.now())
    assert claims is not None
    assert (claims["sub"], claims["client_id"], claims["subject_type"]) == (CLIENT.id, CLIENT.id, "client")
    assert (await front.ask())[1]["access_token"] != said["access_token"]
    assert front.left == []


@pytest.mark.parametrize(
    "more",
    [
        {"method": "GET"},
        {"path": "/introspect"},
        {"path": "/revoke"},
        {"content_type": "application/json"},
        {"content_type": None},
        {"authorization": None},
        {"authorization": "Basic !"},
        {"authorization": "Bearer x"},
        {"authorization": "Basic " + base64.b64encode(f"{CLIENT.id}:wrong".encode()).decode()},
        {"authorization": "Basic " + base64.b64encode(f"{PartyId.new()}:{SECRET}".encode()).decode()},
        {"dpop": "a.b.c"},
        {"origin": "https://app.example"},
        {MESH_TOKEN: None},
        {MESH_TOKEN: "a.b.c"},
        {MESH_TOKEN: MeshSigner("gateway", private_key("gateway")).token(CallerFacts("gateway"), "identity")},
        {MESH_TOKEN: MeshSigner("rating", private_key("rating")).token(CallerFacts("rating", permissions=PERMISSIONS), "identity")},
    ],
)
async def test_whatever_is_not_sure_goes_the_long_way(clock: FixedClock, more: dict[str, Any]) -> None:
    front = Front(clock)
    assert await front.ask(**more) == (0, {})
    assert front.left == [BODY]


@pytest.mark.parametrize("chunks", [(BODY + b"&scope=x",), (b"grant_type=refresh_token",), (b"", BODY), (BODY, b"&scope=x")])
async def test_another_body_goes_the_long_way_from_its_beginning(clock: FixedClock, chunks: tuple[bytes, ...]) -> None:
    front = Front(clock)
    assert await front.ask(*chunks) == (0, {})
    assert front.left == [chunks[0]]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(Profile.CONFIDENTIAL, "client_secret_post"),
        Settings(Profile.FAPI2, "client_secret_basic"),
        Settings(Profile.CONFIDENTIAL, "client_secret_basic", grant_types=("refresh_token",)),
    ],
)
async def test_a_client_of_another_kind_goes_the_long_way(clock: FixedClock, settings: Settings) -> None:
    front = Front(clock, replace(CLIENT, settings=settings))
    assert await front.ask() == (0, {})
    assert front.left == [BODY]


async def test_what_was_remembered_is_asked_again_after_a_moment(clock: FixedClock) -> None:
    front = Front(clock)
    clock.advance(timedelta(seconds=2))
    assert await front.ask() == (0, {})


async def test_a_secret_that_is_over_proves_nobody(clock: FixedClock) -> None:
    over = Secret(digest(SECRET), clock.now())
    assert await Front(clock, replace(CLIENT, secrets=(over,))).ask() == (0, {})


# Introspection


def token_of(front: Front, *, client_id: str = CLIENT.id, **more: Any) -> bytes:
    said = {"subject": PersonId.new(), "subject_type": "person", "client_id": client_id, "scope": "openid"}
    return b"token=" + front.signer.access_token(**said, at=front.clock.now(), **more).encode()


def stands(front: Front) -> dict[str, Any]:
    at = front.clock.now()
    session = Session.opened(PersonId.new(), "pwd", assurance=Assurance.REAL_NAME, at=at)
    return {"signed": Signed(session, GrantId.new(), session.level(at))}


async def test_a_token_that_stands_on_nothing_holds_without_a_database(clock: FixedClock) -> None:
    front = Front(clock)
    status, said = await front.ask(token_of(front), path="/introspect")
    assert (status, said["active"], said["token_type"], said["client_id"]) == (200, True, "Bearer", CLIENT.id)
    assert (front.left, front.standing) == ([], [])


async def test_what_a_token_stands_on_is_asked_each_time(clock: FixedClock) -> None:
    front = Front(clock)
    body, mandate = token_of(front, **stands(front), mandate={"id": "m1"}, cnf={"jkt": "x"}), "m1"
    for _ in range(2):
        status, said = await front.ask(body, path="/introspect")
        assert (status, said["active"], said["token_type"]) == (200, True, "DPoP")
    assert [(each.session, each.grant, each.mandate, each.at) for each in front.standing] == [
        (said["sid"], said["grant"], mandate, clock.now())
    ] * 2


@pytest.mark.parametrize("holds", [False, Unavailable()])
async def test_a_token_of_which_it_is_not_sure_that_it_holds_goes_the_long_way(clock: FixedClock, holds: bool | ServiceError) -> None:
    front = Front(clock)
    front.holds = holds
    body = token_of(front, **stands(front))
    assert await front.ask(body, path="/introspect") == (0, {})
    assert front.left == [body]


async def test_a_token_of_another_client_or_of_nobody_goes_the_long_way(clock: FixedClock) -> None:
    front = Front(clock)
    mine = token_of(front)
    bodies = [token_of(front, client_id=PartyId.new()), b"token=x", mine[:-2] + b"AA", mine + b"&token=x", mine + b"&client_secret=x"]
    for body in bodies:
        assert await front.ask(body, path="/introspect") == (0, {})
    assert front.left == bodies
    # Fresh keys and a known client, but the token is over.
    known, until = front.clients._known[CLIENT.id]
    clock.advance(ACCESS_TOKEN_LIFE)
    front.clients._known[CLIENT.id] = (known, until + ACCESS_TOKEN_LIFE)
    front.signer.keys._read_at = clock.now()
    assert await front.ask(mine, path="/introspect") == (0, {})
    assert await front.ask(token_of(front), path="/introspect") != (0, {})
