"""The test seal: one key for every agency, said to be one wherever it stands. Source: RFC 7518, 3.4 (P-256 with SHA-256); RFC 7638."""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from joserfc.jwk import ECKey

from contracts.values import CreditCode
from services.application.domain.seals import Signature

ALGORITHM: Final = "ECDSA-P256-SHA256"


class TrialSeal:
    """Signatures are in DER, as command line tools check them."""

    legend = "示例·测试专用章"

    def __init__(self, private_key_pem: bytes) -> None:
        key = load_pem_private_key(private_key_pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the seal's key is an elliptic one")
        self._key = key
        self._key_id = ECKey.import_key(private_key_pem).thumbprint()
        self._public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def from_file(cls, file: Path) -> "TrialSeal":
        return cls(file.read_bytes())

    async def sign(self, agency: CreditCode, content: bytes) -> Signature:  # noqa: ARG002 (each real seal is one agency's)
        return Signature(ALGORITHM, self._key_id, self._public, self._key.sign(content, ec.ECDSA(SHA256())), is_test=True)
