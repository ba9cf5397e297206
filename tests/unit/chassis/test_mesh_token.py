import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.errors import Unauthorised
from chassis.http.mesh_token import CallerFacts, MeshSigner, MeshVerifier
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId, PersonId


def new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


KEY, OTHER_KEY = new_key(), new_key()
PUBLIC = {"gateway": ECKey.import_key(KEY).as_dict(private=False)}
FACTS = CallerFacts(
    issuer="gateway",
    party=PartyId.new(),
    party_kind="district",
    party_name="示例",
    agency=CreditCode("11330105002500287C"),
    division=DivisionCode("310115"),
    person=PersonId.new(),
    officer=OfficerId("A-1"),
    assurance=3,
    auth_time=5,
    scene="s",
    purpose="p",
    permissions=frozenset({"a:b", "c:d"}),
    channel="kiosk",
)


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    return {"iss": "gateway", "aud": "rating", "iat": now, "exp": now + 60, "permissions": []} | changes


def signed(said: dict[str, object], *, key: bytes = KEY, header: dict[str, str] | None = None) -> str:
    return jwt.encode(header or {"alg": "ES256", "typ": "mesh+jwt"}, said, ECKey.import_key(key))


def test_a_service_reads_back_exactly_what_the_gateway_said() -> None:
    token = MeshSigner("gateway", KEY).token(FACTS, "rating")
    verifier = MeshVerifier("rating", PUBLIC)
    assert verifier.facts(token) == FACTS
    assert verifier.facts(token) is verifier.facts(token)


def test_one_token_serves_all_requests_with_the_same_facts() -> None:
    signer = MeshSigner("gateway", KEY)
    assert signer.token(FACTS, "rating") == signer.token(FACTS, "rating")
    assert signer.token(FACTS, "rating") != signer.token(FACTS, "identity")


# Made when the test runs: tokens made when it is collected would have aged by then.
@pytest.mark.parametrize(
    "made",
    [
        lambda: signed(claims(aud="identity")),
        lambda: signed(claims(), key=OTHER_KEY),
        lambda: signed(claims(iss="rating")),
        lambda: signed(claims(), header={"alg": "ES256", "typ": "JWT"}),
        lambda: signed(claims(), header={"alg": "ES256"}),
        lambda: signed(claims(exp=int(time.time()) - 1)),
        lambda: signed(claims(exp=int(time.time()) + 3600)),
        lambda: signed(claims(iat=int(time.time()) + 30)),
        lambda: signed(claims(exp=str(int(time.time()) + 30))),
        lambda: signed({"iss": "gateway", "aud": "rating"}),
        lambda: "",
        lambda: "a.b.c",
        lambda: "x" * 10_000,
        lambda: signed(claims())[:-4] + "AAAA",
    ],
)
def test_a_token_that_is_not_exactly_right_is_refused(made: Callable[[], str]) -> None:
    with pytest.raises(Unauthorised):
        MeshVerifier("rating", PUBLIC).facts(made())
