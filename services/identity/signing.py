"""Signs city codes and believes those that are signed. Source: FIPS 186-5 (ES256, RFC 7518); SM2 will be one more signer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey

from contracts.values import CityCode, PresentedCode
from contracts.values.city_codes import presentable
from services.identity.domain.city_codes import NotGenuine

_KID_LENGTH = 8
_ES256 = ec.ECDSA(SHA256())


class PublicKey(Protocol):
    def is_by(self, signature: bytes, signed: bytes) -> bool: ...


class Signer(Protocol):
    """One key and its algorithm. Signatures are 64 bytes."""

    kid: str

    def sign(self, signed: bytes) -> bytes: ...
    def jwk(self) -> dict[str, Any]: ...


class Es256PublicKey:
    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    @classmethod
    def from_jwk(cls, jwk: dict[str, Any]) -> "Es256PublicKey":
        key = ECKey.import_key(jwk).public_key
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return cls(key)

    def is_by(self, signature: bytes, signed: bytes) -> bool:
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        try:
            self._key.verify(encode_dss_signature(r, s), signed, _ES256)
        except InvalidSignature:
            return False
        return True


class Es256Signer:
    def __init__(self, private_key_pem: bytes) -> None:
        key = load_pem_private_key(private_key_pem, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        known = ECKey.import_key(private_key_pem)
        # A QR code has no room for a whole thumbprint; only our own few keys must differ.
        self.kid = known.thumbprint()[:_KID_LENGTH]
        self._jwk = {**known.as_dict(private=False), "kid": self.kid, "alg": "ES256", "use": "sig"}

    def sign(self, signed: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(signed, _ES256))
        return r.to_bytes(32) + s.to_bytes(32)

    def jwk(self) -> dict[str, Any]:
        return self._jwk


class CityCodeKeys:
    """The key that signs new codes, and those that signed codes which may still live: paper lives for months."""

    def __init__(self, signer: Signer, retired: list[dict[str, Any]]) -> None:
        self._signer = signer
        self._published = [signer.jwk(), *retired]
        self._keys: Mapping[str, PublicKey] = {jwk["kid"]: Es256PublicKey.from_jwk(jwk) for jwk in self._published}

    @classmethod
    def from_files(cls, key: Path, retired: Path | None) -> "CityCodeKeys":
        """`retired` holds a JWK set of public keys, each as it was published."""
        return cls(Es256Signer(key.read_bytes()), json.loads(retired.read_text())["keys"] if retired else [])

    @property
    def kid(self) -> str:
        return self._signer.kid

    def key_set(self) -> dict[str, Any]:
        return {"keys": self._published}

    def signed(self, code: CityCode) -> str:
        text = code.signed_text()
        return presentable(text, self._signer.sign(text))

    def genuine(self, text: str) -> CityCode:
        """What a presented code says. Raises NotGenuine."""
        try:
            presented = PresentedCode.read(text)
        except ValueError:
            raise NotGenuine from None
        key = self._keys.get(presented.says.kid)
        if key is None or not key.is_by(presented.signature, presented.signed):
            raise NotGenuine
        return presented.says
