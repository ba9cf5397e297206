"""A security key in software: makes passkeys and uses them as a browser would answer. Source: WebAuthn level 3."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """`is_verifying` False: somebody touched it, and nobody knows who."""

    origin: str
    rp_id: str = "localhost"
    is_verifying: bool = True
    count: int = 0
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def makes(self, options: str, *, challenge: str | None = None) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self._key.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        held = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(_WITH_KEY) + held})
        return self._answer("webauthn.create", challenge or json.loads(options)["challenge"], attestationObject=attestation)

    def uses(self, options: str, *, challenge: str | None = None) -> str:
        """The answer to `navigator.credentials.get`."""
        said = challenge or json.loads(options)["challenge"]
        self.count += 1
        data = self._data(0)
        signed = data + hashlib.sha256(self._client("webauthn.get", said)).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer("webauthn.get", said, authenticatorData=data, signature=signature)

    def _data(self, more: int) -> bytes:
        flags = _PRESENT | (_VERIFIED if self.is_verifying else 0) | more
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, kind: str, challenge: str, **response: bytes) -> str:
        said: dict[str, Any] = {name: _text(value) for name, value in response.items()}
        said["clientDataJSON"] = _text(self._client(kind, challenge))
        return json.dumps({"id": _text(self.credential), "rawId": _text(self.credential), "type": "public-key", "response": said})


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
