"""HTTP message signatures of registered systems: one signature, ECDSA P-256, over a fixed set of components.

Signer and verifier stand side by side so that they cannot drift apart. The verifier works on the bytes that arrived.
Source: RFC 9421 (sections 2, 3.1, 3.2, 3.3.4), RFC 9530 for Content-Digest.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

TAG: Final = "tongban"
MAX_AGE_S: Final = 60
_LEEWAY_S: Final = 5
_DERIVED: Final = ("@method", "@authority", "@path", "@query")
_COVERED_WHEN_PRESENT: Final = ("content-type", "idempotency-key", "purpose", "tongban-operator")
_INPUT: Final = re.compile(r'([a-z][a-z0-9_.-]{0,31})=(\((?:"[^"\\]+"(?: "[^"\\]+")*)?\)((?:;[a-z]+=(?:[0-9]{1,15}|"[^"\\]{0,200}"))*))')
_PARAMETER: Final = re.compile(r';([a-z]+)=(?:([0-9]+)|"([^"]*)")')
_TIMES: Final = ("created", "expires")


class NotSigned(Exception):
    """The signature is missing, malformed or wrong; the text says which rule is broken and may be shown."""


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a request that a signature covers. `headers` has lower-case names; `query` has no question mark."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def component(self, name: str) -> str:
        derived = {"@method": self.method, "@authority": self.authority.lower(), "@path": self.path, "@query": f"?{self.query}"}
        value = derived.get(name, self.headers.get(name))
        if value is None:
            raise NotSigned(f"covers {name}, which the request does not have")
        return value.strip()


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as stated, before its key is known. Times are seconds since the epoch."""

    key_id: str
    nonce: str
    created: int
    base: bytes
    signature: bytes

    def verify(self, key: ec.EllipticCurvePublicKey) -> None:
        """Raises NotSigned when the signature is not by this key."""
        half = len(self.signature) // 2
        r, s = (int.from_bytes(part) for part in (self.signature[:half], self.signature[half:]))
        try:
            key.verify(encode_dss_signature(r, s), self.base, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise NotSigned("the signature is not by the registered key") from None


def required_components(message: Message) -> tuple[str, ...]:
    """What a signature has to cover for this request."""
    present = tuple(name for name in _COVERED_WHEN_PRESENT if name in message.headers)
    return (*_DERIVED, *(("content-digest",) if message.body else ()), *present)


def content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(message: Message, private_key_pem: bytes, *, key_id: str, created: int) -> dict[str, str]:
    """The headers that sign the request: content-digest where there is a body, signature-input and signature."""
    digest = {"content-digest": content_digest(message.body)} if message.body else {}
    covered = Message(message.method, message.authority, message.path, message.query, {**message.headers, **digest}, message.body)
    names = required_components(covered)
    listed = " ".join(f'"{name}"' for name in names)
    parameters = f'({listed});created={created};keyid="{key_id}";nonce="{secrets.token_urlsafe(18)}";tag="{TAG}"'
    key = load_pem_private_key(private_key_pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(_base(covered, names, parameters), ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(32) + s.to_bytes(32)
    return {**digest, "signature-input": f"sig={parameters}", "signature": f"sig=:{base64.b64encode(raw).decode()}:"}


@dataclass(frozen=True, slots=True)
class Stated:
    """A signature as it is written: what it covers and its parameters. Nothing is checked but its form."""

    covered: tuple[str, ...]
    said: Mapping[str, str]
    _label: str
    _parameters: str

    def of(self, message: Message) -> Signed:
        """Ready to be verified. Raises NotSigned where it covers what the request does not have or is no signature."""
        base = _base(message, self.covered, self._parameters)
        said = self.said
        return Signed(said.get("keyid", ""), said.get("nonce", ""), int(said.get("created", 0)), base, _signature(message, self._label))


def parse(message: Message) -> Stated:
    """Raises NotSigned for anything but one well-formed signature."""
    stated = _INPUT.fullmatch(message.headers.get("signature-input", ""))
    if stated is None:
        raise NotSigned("signature-input is not one well-formed signature")
    label, parameters, tail = stated.groups()
    names = re.findall(r'"([^"]+)"', parameters.partition(")")[0])
    return Stated(tuple(names), _said(tail), label, parameters)


def read(message: Message, *, now: int) -> Signed:
    """The one signature of a request, with everything checked that needs no key.

    Raises NotSigned for more or fewer than one signature, missing components, a wrong digest, tag, age or encoding.
    """
    stated = parse(message)
    missing = set(required_components(message)) - set(stated.covered)
    if missing or len(set(stated.covered)) != len(stated.covered):
        raise NotSigned(f"the signature does not cover {', '.join(sorted(missing)) or 'each component once'}")
    # Also without a body: whoever takes the body away leaves its digest behind.
    if (message.body or "content-digest" in message.headers) and message.headers.get("content-digest") != content_digest(message.body):
        raise NotSigned("content-digest is not that of the body")
    _check_parameters(stated.said, now)
    return stated.of(message)


def _said(tail: str) -> dict[str, str]:
    found = _PARAMETER.findall(tail)
    said = {name: number or text for name, number, text in found}
    if len(said) != len(found):
        raise NotSigned("a signature parameter is given twice")
    if any(bool(number) != (name in _TIMES) for name, number, _ in found):
        raise NotSigned("times of a signature are integers, its other parameters are strings")
    return said


def _check_parameters(said: Mapping[str, str], now: int) -> None:
    if missing := {"created", "keyid", "nonce"} - said.keys():
        raise NotSigned(f"the signature has no {', '.join(sorted(missing))}")
    if said.get("tag") != TAG or said.get("alg", "ecdsa-p256-sha256") != "ecdsa-p256-sha256":
        raise NotSigned(f'the signature needs tag="{TAG}" and ecdsa-p256-sha256')
    if not -_LEEWAY_S <= now - int(said["created"]) <= MAX_AGE_S or now > int(said.get("expires", now)):
        raise NotSigned(f"the signature is older than {MAX_AGE_S} s, has expired or is from the future")
    if not 16 <= len(said["nonce"]) <= 128:
        raise NotSigned("the nonce needs 16 to 128 characters")


def _signature(message: Message, label: str) -> bytes:
    stated = re.fullmatch(re.escape(label) + r"=:([A-Za-z0-9+/=]{1,200}):", message.headers.get("signature", ""))
    try:
        raw = base64.b64decode(stated.group(1), validate=True) if stated else b""
    except ValueError:
        raw = b""
    if len(raw) != 64:
        raise NotSigned("signature is not one ECDSA P-256 signature of 64 bytes")
    return raw


def _base(message: Message, names: tuple[str, ...], parameters: str) -> bytes:
    lines = [f'"{name}": {message.component(name)}' for name in names]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
