"""Which keys are acceptable, and how a party brings its next one by itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.jwk import ECKey

from contracts.values import PartyId
from deploy.client.next_key import statement
from gateway.registry.domain.keys import (
    PRODUCTION,
    SANDBOX,
    TLS,
    KeyIsNotAcceptable,
    StatementIsNotValid,
    certificate_of,
    key_of,
    next_key,
)
from tests.unit.gateway.keys import certificate, pem, public

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
PARTY = PartyId.new()
KEYS = (key_of(public("a"), SANDBOX, at=NOW), key_of(public("b"), PRODUCTION, at=NOW))


def without(jwk: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in jwk.items() if key != name}


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {**public("a"), "crv": "P-384"},
        {**public("a"), "x": 7},
        {**public("a"), "y": public("a")["x"]},
        {**public("a"), "x": "AA"},
        {**public("a"), "x": "!"},
        {**public("a"), "kid": "with space"},
        {**public("a"), "kid": "k" * 129},
        {**public("a"), "kid": 7},
        ECKey.import_key(pem("a")).as_dict(private=True),
    ],
)
def test_only_a_public_key_on_p_256_is_acceptable(jwk: dict[str, Any]) -> None:
    with pytest.raises(KeyIsNotAcceptable):
        key_of(jwk, PRODUCTION, at=NOW)


def test_a_key_without_a_name_is_named_by_its_thumbprint() -> None:
    key = key_of(without(public("a"), "kid"), PRODUCTION, at=NOW)
    assert key.kid == key.thumbprint == ECKey.import_key(pem("a")).thumbprint()


def test_a_key_does_not_begin_after_its_end() -> None:
    with pytest.raises(KeyIsNotAcceptable):
        key_of(public("a"), PRODUCTION, at=NOW, until=NOW)


def test_a_certificate_is_good_no_longer_than_it_says() -> None:
    shown = certificate("区级系统")
    text = shown.public_bytes(Encoding.PEM).decode()
    known = certificate_of(text, PRODUCTION, at=NOW)
    assert (known.use, known.jwk, known.not_after) == (TLS, None, shown.not_valid_after_utc)
    assert certificate_of(text, PRODUCTION, at=NOW, until=NOW + timedelta(days=1)).not_after == NOW + timedelta(days=1)
    with pytest.raises(KeyIsNotAcceptable, match="ended"):
        certificate_of(text, PRODUCTION, at=shown.not_valid_after_utc)


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(KeyIsNotAcceptable):
        certificate_of(text, PRODUCTION, at=NOW)


@pytest.mark.parametrize(("letter", "environment"), [("a", SANDBOX), ("b", PRODUCTION)])
def test_a_key_endorses_the_next_one_of_its_own_environment(letter: str, environment: str) -> None:
    new = next_key(statement(PARTY, pem(letter), pem("c"), now=SECONDS), PARTY, KEYS, at=NOW)
    assert (new.environment, new.kid, new.added_by, new.not_after) == (environment, public("c")["kid"], None, None)


def test_a_statement_says_until_when_the_next_key_is_good() -> None:
    new = next_key(statement(PARTY, pem("b"), pem("c"), now=SECONDS, not_after=SECONDS + 60), PARTY, KEYS, at=NOW)
    assert new.not_after == NOW + timedelta(seconds=60)


def signed(letter: str, kind: str, said: Any) -> str:
    return jws.serialize_compact({"alg": "ES256", "typ": kind}, json.dumps(said).encode(), ECKey.import_key(pem(letter)))


def stated(*, by: str = "b", kind: str = "party-key+jwt", proof_by: str = "c", proof_kind: str = "party-key-proof+jwt", **more: Any) -> str:
    said = {"iss": PARTY, "iat": SECONDS}
    return signed(by, kind, {**said, "jwk": public("c"), "proof": signed(proof_by, proof_kind, said), **more})


def test_the_statement_of_these_tests_is_a_good_one() -> None:
    assert next_key(stated(), PARTY, KEYS, at=NOW).kid == public("c")["kid"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: stated(by="c"),
        lambda: stated(by="d"),
        lambda: stated(proof_by="b"),
        lambda: stated(kind="party-key-proof+jwt"),
        lambda: stated(kind="JWT"),
        lambda: stated(proof_kind="party-key+jwt"),
        lambda: stated(iss=PartyId.new()),
        lambda: stated(iat=SECONDS - 301),
        lambda: stated(iat=SECONDS + 301),
        lambda: stated(iat=str(SECONDS)),
        lambda: stated(iat=True),
        lambda: stated(proof="nonsense"),
        lambda: stated(proof=None),
        lambda: stated(proof=signed("c", "party-key-proof+jwt", {"iss": PartyId.new(), "iat": SECONDS})),
        lambda: stated(proof=signed("c", "party-key-proof+jwt", {"iss": PARTY, "iat": SECONDS - 301})),
        lambda: stated(jwk=None),
        lambda: stated(not_after="tomorrow"),
        lambda: stated(not_after=2**60),
        lambda: signed("b", "party-key+jwt", []),
        lambda: "a.b.c",
        lambda: "",
        lambda: stated()[:-4] + "AAAA",
    ],
)
def test_a_statement_that_is_wrong_anywhere_brings_no_key(make: Callable[[], str]) -> None:
    with pytest.raises(StatementIsNotValid):
        next_key(make(), PARTY, KEYS, at=NOW)


def test_a_key_that_holds_no_more_endorses_nothing() -> None:
    ended = tuple(key.revoke(by=None, at=NOW) for key in KEYS)
    with pytest.raises(StatementIsNotValid):
        next_key(stated(), PARTY, ended, at=NOW)


def test_a_private_key_in_a_statement_is_refused() -> None:
    with pytest.raises(KeyIsNotAcceptable, match="private"):
        next_key(stated(jwk=ECKey.import_key(pem("c")).as_dict(private=True)), PARTY, KEYS, at=NOW)
