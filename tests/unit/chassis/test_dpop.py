import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from chassis.http import dpop
from chassis.http.dpop import ProofNotValid
from tests.support.dpop import key_of, proof

NOW = 1_800_000_000.0
URL = "https://city.example/userinfo"
RSA = RSAKey.generate_key(2048)


def read(text: str, **more: Any) -> dpop.Proof:
    return dpop.read(text, **{"method": "GET", "url": URL, "now": NOW, **more})


def encoded(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def test_a_proof_says_which_key_and_which_time() -> None:
    said = read(proof("GET", URL, now=NOW, jti="j-1"))
    assert (said.thumbprint, said.jti, said.issued) == (key_of("holder").thumbprint(), "j-1", int(NOW))
    assert said.useless_after == NOW + 70


@pytest.mark.parametrize(
    "more",
    [
        {"iat": NOW - 10},
        {"iat": NOW + 10},
        {"iat": NOW - 60},
        {"nbf": NOW, "exp": NOW + 300},
        {"nbf": NOW + 10},
        {"exp": NOW - 9},
        {"htu": f"{URL}?a=1#b"},
        {"htu": "HTTPS://CITY.example:443/userinfo"},
        {"header": {"kid": "k", "surprise": {"a": 1}}, "surprise": 1},
        {"alg": "PS256", "key": RSA},
    ],
)
def test_a_proof_is_believed(more: dict[str, Any]) -> None:
    read(proof("GET", URL, now=NOW, **more))


@pytest.mark.parametrize(
    "more",
    [
        {"iat": NOW - 61},
        {"iat": NOW + 11},
        {"iat": None},
        {"iat": "1800000000"},
        {"iat": True},
        {"nbf": NOW + 11},
        {"nbf": "x"},
        {"exp": NOW - 10},
        {"htm": "POST"},
        {"htm": None},
        {"htu": "https://city.example/userinfo2"},
        {"htu": "http://city.example/userinfo"},
        {"htu": "https://city.example:8443/userinfo"},
        {"htu": "https://me@city.example/userinfo"},
        {"htu": "https://city.example:x/userinfo"},
        {"htu": "/userinfo"},
        {"htu": None},
        {"htu": 1},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 257},
        {"jti": "a\0b"},
        {"jti": 1},
        {"header": {"typ": None}},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": None}},
        {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
        {"header": {"jwk": key_of("holder").as_dict(private=True)}},
        {"header": {"jwk": key_of("stranger").as_dict(private=False)}},
        {"key": ECKey.generate_key("P-384"), "alg": "ES384"},
        {"key": RSA, "alg": "RS256"},
        {"key": RSA, "alg": "PS256", "header": {"jwk": {"kty": "RSA", "n": "x" * 171, "e": "AQAB"}}},
        {"key": RSA, "alg": "PS256", "header": {"jwk": key_of("holder").as_dict(private=False)}},
        {"header": {"jwk": RSA.as_dict(private=False)}},
        {"pad": "x" * 4096},
    ],
)
def test_a_proof_of_something_else_is_not(more: dict[str, Any]) -> None:
    with pytest.raises(ProofNotValid):
        read(proof("GET", URL, now=NOW, **more))


def test_nonsense_is_no_proof() -> None:
    head, body, signature = proof("GET", URL, now=NOW).split(".")
    jwk = key_of("holder").as_dict(private=False)
    for text in (
        "",
        "a.b.c",
        "é",
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}.{encoded({})}.{signature}",
        f"{head}.{encoded([])}.{signature}",
        f"{encoded({'typ': 'dpop+jwt', 'jwk': jwk})}.{body}.{signature}",
        f"{encoded({'alg': 'none', 'typ': 'dpop+jwt', 'jwk': jwk})}.{body}.",
        f"{encoded({'alg': 'ES256', 'typ': 'dpop+jwt', 'jwk': jwk, 'crit': ['x'], 'x': 1})}.{body}.{signature}",
        f"{head}.{body}.{signature}, {head}.{body}.{signature}",
        f"{encoded([])}.{body}.{signature}",
        f"{encoded({'alg': 'ES256', 'typ': 'dpop+jwt', 'jwk': 'x'})}.{body}.{signature}",
    ):
        with pytest.raises(ProofNotValid):
            read(text)


def test_a_proof_is_for_one_access_token() -> None:
    read(proof("GET", URL, now=NOW, token="t"), access_token="t")
    for other in (proof("GET", URL, now=NOW), proof("GET", URL, now=NOW, token="u"), proof("GET", URL, now=NOW, ath=1)):
        with pytest.raises(ProofNotValid):
            read(other, access_token="t")
