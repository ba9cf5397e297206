"""Signs certificates and checks what was signed. Source: RFC 7515, ES256; the public key is published."""

from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from services.certificate.domain import Certificate


class CertificateSigner:
    def __init__(self, private_key_pem: bytes) -> None:
        self._key = ECKey.import_key(private_key_pem)
        self._kid = self._key.thumbprint()

    @classmethod
    def from_file(cls, file: Path) -> "CertificateSigner":
        return cls(file.read_bytes())

    def sign(self, certificate: Certificate) -> str:
        return jws.serialize_compact({"alg": "ES256", "kid": self._kid, "typ": "certificate+jws"}, certificate.signed_facts(), self._key)

    def is_signed(self, certificate: Certificate) -> bool:
        """Whether its signature is ours and over exactly these facts."""
        try:
            read = jws.deserialize_compact(certificate.signature, self._key, algorithms=["ES256"])
        except (JoseError, ValueError):
            return False
        return bytes(read.payload) == certificate.signed_facts()

    def key_set(self) -> dict[str, Any]:
        return {"keys": [{**self._key.as_dict(private=False), "kid": self._kid, "alg": "ES256", "use": "sig"}]}
