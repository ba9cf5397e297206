"""Keys for tests, one for each letter, and a certificate of one."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey


@cache
def pem(_letter: str) -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(letter: str) -> dict[str, Any]:
    key = ECKey.import_key(pem(letter))
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


@cache
def certificate(name: str, *, ends: datetime = datetime(2036, 1, 1, tzinfo=UTC)) -> x509.Certificate:
    """A client certificate signed by itself, as an agency's own authority would issue one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=3650))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
