"""Signed requests: what a signature has to cover, how old it may be, and that nothing it covers can be changed."""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from chassis.http.signatures import MAX_AGE_S, Message, NotSigned, content_digest, read, sign

NOW = 1_764_000_000
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
BODY = b'{"a":1}'
ORDER = Message(
    "POST",
    "city.example",
    "/cases",
    "b=2&a=1",
    {"content-type": "application/json", "idempotency-key": "k-1", "tongban-operator": "qx-001"},
    BODY,
)
QUESTION = Message("GET", "city.example", "/cases", "", {}, b"")


def signed(message: Message, *, created: int = NOW, pem: bytes = PEM) -> Message:
    return replace(message, headers={**message.headers, **sign(message, pem, key_id="party", created=created)})


def accept(message: Message, *, now: int = NOW) -> None:
    read(message, now=now).verify(KEY.public_key())


def with_header(message: Message, name: str, value: str | None) -> Message:
    headers = {**message.headers, name: value or ""}
    if value is None:
        del headers[name]
    return replace(message, headers=headers)


def with_input(message: Message, change: Callable[[str], str]) -> Message:
    return with_header(message, "signature-input", change(message.headers["signature-input"]))


@pytest.mark.parametrize("message", [ORDER, QUESTION])
def test_what_was_signed_is_accepted(message: Message) -> None:
    accept(signed(message))


def test_the_authority_is_compared_in_lower_case() -> None:
    accept(replace(signed(ORDER), authority="City.Example"))


@pytest.mark.parametrize(
    "tamper",
    [
        lambda m: replace(m, method="PUT"),
        lambda m: replace(m, authority="other.example"),
        lambda m: replace(m, path="/cases/1"),
        lambda m: replace(m, query="a=1&b=2"),
        lambda m: replace(m, query=""),
        lambda m: replace(m, body=b'{"a":2}'),
        lambda m: replace(m, body=b""),
        lambda m: with_header(m, "content-digest", content_digest(b'{"a":2}')),
        lambda m: with_header(replace(m, body=b'{"a":2}'), "content-digest", content_digest(b'{"a":2}')),
        lambda m: with_header(m, "content-digest", None),
        lambda m: with_header(m, "content-type", "text/plain"),
        lambda m: with_header(m, "content-type", None),
        lambda m: with_header(m, "idempotency-key", "k-2"),
        lambda m: with_header(m, "idempotency-key", None),
        lambda m: with_header(m, "tongban-operator", "qx-002"),
        lambda m: with_header(m, "tongban-operator", None),
    ],
)
def test_nothing_that_is_covered_can_be_changed(tamper: Callable[[Message], Message]) -> None:
    with pytest.raises(NotSigned):
        accept(tamper(signed(ORDER)))


@pytest.mark.parametrize("name", ["content-type", "idempotency-key", "tongban-operator"])
def test_a_header_that_matters_may_not_be_added_after_signing(name: str) -> None:
    with pytest.raises(NotSigned, match="does not cover"):
        accept(with_header(signed(QUESTION), name, "x"))


@pytest.mark.parametrize(
    "name", ["@method", "@authority", "@path", "@query", "content-digest", "content-type", "idempotency-key", "tongban-operator"]
)
def test_every_component_has_to_be_covered(name: str) -> None:
    fewer = with_input(signed(ORDER), lambda text: text.replace(f'"{name}"', "").replace("  ", " ").replace("( ", "(").replace(" )", ")"))
    with pytest.raises(NotSigned, match=f"does not cover {name}"):
        read(fewer, now=NOW)


def test_a_component_may_not_be_covered_twice() -> None:
    with pytest.raises(NotSigned):
        read(with_input(signed(ORDER), lambda text: text.replace("(", '("@method" ')), now=NOW)


@pytest.mark.parametrize(("created", "is_accepted"), [(0, True), (-MAX_AGE_S, True), (-MAX_AGE_S - 1, False), (5, True), (6, False)])
def test_a_signature_is_neither_old_nor_from_the_future(created: int, is_accepted: bool) -> None:
    message = signed(ORDER, created=NOW + created)
    if is_accepted:
        accept(message)
    else:
        with pytest.raises(NotSigned, match="older than"):
            accept(message)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('tag="tongban"', 'tag="other"'),
        lambda text: text.replace(';tag="tongban"', ""),
        lambda text: re.sub(r'nonce="[^"]+"', 'nonce="too-short"', text),
        lambda text: re.sub(r'nonce="[^"]+"', f'nonce="{"n" * 129}"', text),
        lambda text: re.sub(r';nonce="[^"]+"', "", text),
        lambda text: re.sub(r";created=[0-9]+", "", text),
        lambda text: re.sub(r"created=([0-9]+)", r'created="\1"', text),
        lambda text: re.sub(r"created=([0-9]+)", r"created=\1;created=\1", text),
        lambda text: text.replace(';keyid="party"', ""),
        lambda text: text.replace('keyid="party"', "keyid=7"),
        lambda text: f'{text};alg="hmac-sha256"',
        lambda text: f"{text};expires={NOW - 1}",
        lambda text: f"{text}, other={text.removeprefix('sig=')}",
        lambda text: text.replace('"@path"', '"@query-param";name="a"'),
        lambda text: text.replace("sig=", ""),
        lambda text: "",
    ],
)
def test_parameters_are_checked_before_any_key(change: Callable[[str], str]) -> None:
    with pytest.raises(NotSigned):
        read(with_input(signed(ORDER), change), now=NOW)


def test_an_expiry_that_has_not_come_is_no_obstacle() -> None:
    read(with_input(signed(ORDER), lambda text: f"{text};expires={NOW}"), now=NOW)


def test_parameters_cannot_be_changed_after_signing() -> None:
    changed = with_input(signed(ORDER), lambda text: re.sub(r'nonce="[^"]+"', 'nonce="another-nonce-of-good-length"', text))
    with pytest.raises(NotSigned, match="registered key"):
        accept(changed)


@pytest.mark.parametrize(
    "signature",
    ["", "sig=::", "sig=:!!:", f"sig=:{base64.b64encode(b'x' * 63).decode()}:", f"other=:{base64.b64encode(b'x' * 64).decode()}:"],
)
def test_a_signature_is_64_bytes_under_the_stated_label(signature: str) -> None:
    with pytest.raises(NotSigned, match="64 bytes"):
        read(with_header(signed(ORDER), "signature", signature), now=NOW)


def test_two_signatures_are_one_too_many() -> None:
    message = signed(ORDER)
    twice = f"{message.headers['signature']}, {message.headers['signature']}"
    with pytest.raises(NotSigned, match="not one"):
        read(with_header(message, "signature", twice), now=NOW)


@pytest.mark.parametrize("raw", [b"\0" * 64, b"\xff" * 64])
def test_a_signature_of_nothing_is_by_nobody(raw: bytes) -> None:
    with pytest.raises(NotSigned, match="registered key"):
        accept(with_header(signed(ORDER), "signature", f"sig=:{base64.b64encode(raw).decode()}:"))


def test_another_key_is_not_the_registered_one() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(NotSigned, match="registered key"):
        accept(signed(ORDER, pem=other))


class _Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> ec.EllipticCurvePublicKey:
        return KEY.public_key()

    def resolve_private_key(self, key_id: str) -> ec.EllipticCurvePrivateKey:
        return KEY


def test_another_implementation_of_rfc_9421_verifies_what_we_sign() -> None:
    message = replace(ORDER, headers={"content-type": "application/json", "idempotency-key": "k-1"})
    headers = {**message.headers, **sign(message, PEM, key_id="party", created=int(time.time()))}
    request = requests.Request("POST", "https://city.example/cases?b=2&a=1", headers=headers, data=BODY).prepare()
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_Keys())
    [result] = verifier.verify(request, expect_tag="tongban")
    assert result.covered_components['"@query"'] == "?b=2&a=1"


def test_we_verify_what_another_implementation_of_rfc_9421_signs() -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k-1", "Content-Digest": content_digest(BODY)}
    request = requests.Request("POST", "https://city.example/cases?b=2&a=1", headers=headers, data=BODY).prepare()
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_Keys())
    covered = ("@method", "@authority", "@path", "@query", "content-digest", "content-type", "idempotency-key")
    signer.sign(
        request, key_id="party", tag="tongban", nonce="a-nonce-of-good-length", covered_component_ids=covered, use_existing_digest=True
    )
    said = {name.lower(): value for name, value in request.headers.items()}
    accept(Message("POST", "city.example", "/cases", "b=2&a=1", said, BODY), now=int(time.time()))
