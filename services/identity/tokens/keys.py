"""A signing key ready to sign: prepared once, because a library that looks at the key each time costs as much as the signature."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from services.identity.domain.signing_keys import StoredKey

_ECDSA: Final = ec.ECDSA(hashes.SHA256())
_PKCS1: Final = padding.PKCS1v15()
_SHA256: Final = hashes.SHA256()
_RSA_BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`public` verifies what it signs; `jwk` is the same for others."""

    kid: str
    alg: str
    signs_from: datetime
    retires_at: datetime | None
    public: ECKey | RSAKey
    jwk: dict[str, Any]
    _private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @classmethod
    def prepared(cls, stored: StoredKey) -> "SigningKey":
        public = imported(stored.pem, stored.alg)
        private = load_pem_private_key(stored.pem, None)
        assert isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        jwk = {**public.as_dict(private=False), "kid": stored.kid, "alg": stored.alg, "use": "sig"}
        return cls(stored.kid, stored.alg, stored.signs_from, stored.retires_at, public, jwk, private)

    def sign(self, kind: str, claims: dict[str, Any]) -> str:
        """A compact JWT of this `typ`. Source: RFC 7515, RFC 7518 sections 3.3 and 3.4."""
        signed = _header(self.alg, kind, self.kid) + b"." + _encoded(_json(claims))
        return (signed + b"." + _encoded(self._signature(signed))).decode()

    def _signature(self, data: bytes) -> bytes:
        if isinstance(self._private, rsa.RSAPrivateKey):
            return self._private.sign(data, _PKCS1, _SHA256)
        r, s = decode_dss_signature(self._private.sign(data, _ECDSA))
        return r.to_bytes(32) + s.to_bytes(32)


def imported(pem: bytes, alg: str) -> ECKey | RSAKey:
    return ECKey.import_key(pem) if alg == "ES256" else RSAKey.import_key(pem)


def new_pem(alg: str) -> bytes:
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = (
        ec.generate_private_key(ec.SECP256R1()) if alg == "ES256" else rsa.generate_private_key(65537, _RSA_BITS)
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


_text: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _json(said: dict[str, Any]) -> bytes:
    return _text(said).encode()


@lru_cache(64)
def _header(alg: str, kind: str, kid: str) -> bytes:
    return _encoded(_json({"alg": alg, "typ": kind, "kid": kid}))


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
