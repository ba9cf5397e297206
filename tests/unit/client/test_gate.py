"""A gate without a connection: what it believes, what it remembers, and what a photographed code is worth."""

import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from contracts.values import CityCode, CityCodeId, CityCodeType
from deploy.client.gate import CHALLENGE_LIFE_S, CityCodeGate, Passed, Proof, Refused, proof_text
from services.identity.signing import CityCodeKeys, Es256Signer
from tests.support.service import private_key

NOW = 1_790_000_000
KEYS = CityCodeKeys(Es256Signer(private_key("city-code")), [])


def code(keys: CityCodeKeys = KEYS, **more: Any) -> str:
    said = {
        "type": CityCodeType.PERSON,
        "handle": "h" * 22,
        "scene": "transport",
        "issued": NOW,
        "life_s": 60,
        "id": CityCodeId(secrets.token_urlsafe(12)),
        "kid": KEYS.kid,
        **more,
    }
    return keys.signed(CityCode(**said))


def gate(scene: str = "transport", **more: Any) -> CityCodeGate:
    return CityCodeGate(KEYS.key_set(), scene, **{"serves_once": False, **more})


def reason(at: CityCodeGate, text: str, now: float = NOW, proof: Proof | None = None) -> str | None:
    try:
        at.check(text, now, proof)
    except Refused as refused:
        return refused.reason
    return None


class Phone:
    """Holds a key that never leaves it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.jwk = ECKey.import_key(pem).as_dict(private=False)
        self.thumbprint = ECKey.import_key(pem).thumbprint()

    def proof(self, challenge: str, text: str) -> Proof:
        r, s = decode_dss_signature(self._key.sign(proof_text(challenge, text.split(".")[6]), ec.ECDSA(SHA256())))
        return Proof(challenge, self.jwk, r.to_bytes(32) + s.to_bytes(32))


def test_a_gate_code_passes_again_while_it_lives() -> None:
    turnstile, text = gate(), code()
    assert [reason(turnstile, text, NOW + second) for second in (0, 1, 59)] == [None] * 3
    assert reason(turnstile, text, NOW + 65) == "expired"


def test_a_proof_is_refused_the_second_time_at_the_same_verifier_for_as_long_as_it_lives() -> None:
    counter, text = gate("culture", serves_once=True), code(scene="culture")
    assert [reason(counter, text, NOW + second) for second in (0, 1, 64)] == [None, "used", "used"]
    assert reason(counter, text, NOW + 65) == "expired"


def test_at_another_verifier_only_life_and_the_holder_s_key_bound_it() -> None:
    text = code(scene="culture")
    first, second = gate("culture", serves_once=True), gate("culture", serves_once=True)
    assert (reason(first, text), reason(second, text)) == (None, None)
    assert reason(gate("culture", serves_once=True, asks_holder=True), text) == "holder-key-missing"


def test_a_second_signature_of_a_used_code_is_that_code() -> None:
    same = CityCodeId("A" * 16)
    counter, first, second = gate(serves_once=True), code(id=same), code(id=same)
    assert first != second
    assert (reason(counter, first), reason(counter, second)) == (None, "used")


def test_clocks_may_disagree_by_seconds() -> None:
    assert reason(gate(), code(issued=NOW + 5)) is None
    assert reason(gate(), code(issued=NOW + 6)) == "not-yet-valid"
    assert reason(gate(), code(issued=NOW - 64)) is None
    assert reason(gate(), code(issued=NOW - 65)) == "expired"
    assert reason(gate(clock_skew_s=0), code(issued=NOW - 60)) == "expired"


def test_only_the_city_s_signature_is_believed() -> None:
    stranger = CityCodeKeys(Es256Signer(private_key("another")), [])
    assert reason(gate(), code(stranger)) == "not-genuine"
    assert reason(gate(), code(stranger, kid=stranger.kid)) == "unknown-key"
    assert reason(gate(), code().replace(".transport.", ".health.")) == "not-genuine"
    assert reason(gate("health"), code()) == "other-scene"
    assert reason(gate(), "nonsense") == "unreadable"
    assert reason(gate(), code(life_s=86400)) == "expired"


def test_a_key_that_is_no_longer_published_is_no_longer_believed() -> None:
    at = gate()
    at.learn(CityCodeKeys(Es256Signer(private_key("another")), []).key_set())
    assert reason(at, code()) == "unknown-key"
    at.learn(CityCodeKeys(Es256Signer(private_key("another")), KEYS.key_set()["keys"]).key_set())
    assert reason(at, code()) is None


def test_a_photographed_code_passes_nowhere_that_asks_for_the_holder_s_key() -> None:
    phone, thief, asking = Phone(), Phone(), gate(asks_holder=True)
    text = code(holder_key=phone.thumbprint)
    assert reason(asking, text) == "holder-key-missing"
    assert reason(asking, text, NOW, thief.proof(asking.challenge(NOW), text)) == "holder-key-wrong"
    good = phone.proof(asking.challenge(NOW), text)
    assert reason(asking, text, NOW, Proof(good.challenge, thief.jwk, good.signature)) == "holder-key-wrong"
    assert reason(asking, code(), NOW, phone.proof(asking.challenge(NOW), text)) == "holder-key-missing"
    assert asking.check(text, NOW, phone.proof(asking.challenge(NOW), text)).is_bound


def test_an_answer_to_a_challenge_serves_once_soon_here_and_for_this_code() -> None:
    phone, here, there = Phone(), gate(asks_holder=True), gate(asks_holder=True)
    text, other = code(holder_key=phone.thumbprint), code(holder_key=phone.thumbprint)
    proof = phone.proof(here.challenge(NOW), text)
    assert reason(there, text, NOW, proof) == "holder-key-wrong"
    assert reason(here, text, NOW, proof) is None
    assert reason(here, text, NOW, proof) == "holder-key-wrong"
    assert reason(here, other, NOW, phone.proof(here.challenge(NOW), text)) == "holder-key-wrong"
    late = phone.proof(here.challenge(NOW), text)
    assert reason(here, text, NOW + CHALLENGE_LIFE_S, late) == "holder-key-wrong"


def test_a_wrong_answer_does_not_use_the_code_up() -> None:
    phone, counter = Phone(), gate(serves_once=True, asks_holder=True)
    text = code(holder_key=phone.thumbprint)
    assert reason(counter, text) == "holder-key-missing"
    assert reason(counter, text, NOW, phone.proof(counter.challenge(NOW), text)) is None


@pytest.mark.parametrize("jwk", [{}, {"kty": "EC"}, {"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-256", "x": "A", "y": 1}])
def test_a_key_that_is_none_is_refused(jwk: dict[str, Any]) -> None:
    at = gate(asks_holder=True)
    assert reason(at, code(holder_key="k" * 43), NOW, Proof(at.challenge(NOW), jwk, b"\0" * 64)) == "holder-key-wrong"


def test_paper_passes_where_it_is_taken_and_says_that_it_is_little() -> None:
    paper = code(type=CityCodeType.PAPER, scene="any", life_s=90 * 86400)
    taking = gate(takes_paper=True, serves_once=True)
    assert [taking.check(paper, NOW + day * 86400).is_low_level for day in (0, 1, 89)] == [True] * 3
    assert reason(taking, paper, NOW + 90 * 86400 + 5) == "expired"
    assert reason(gate(), paper) == "other-scene"
    assert reason(gate(takes_paper=True, asks_holder=True), paper) == "other-scene"


def test_what_a_gate_remembers_is_bounded_by_the_life_of_codes() -> None:
    counter = gate(serves_once=True)
    for minute in range(40):
        for _ in range(50):
            passed: Passed = counter.check(code(issued=NOW + minute * 66), NOW + minute * 66)
            assert not passed.is_low_level
    assert len(counter._seen) < 3 * 64
