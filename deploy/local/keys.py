"""Keys of a local mesh, made once and kept in its state folder, readable by its owner only."""

import json
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey


def private_key(file: Path) -> Path:
    """A P-256 key in PEM at `file`, made when there is none."""
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_secret(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    return file


def public_jwk(file: Path) -> dict[str, Any]:
    key = ECKey.import_key(file.read_bytes())
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": "ES256", "use": "sig"}


def secret(file: Path, length: int = 32) -> str:
    """A random hexadecimal secret of `length` bytes at `file`, made when there is none."""
    if not file.exists():
        write_secret(file, secrets.token_hex(length))
    return file.read_text()


def public_keys(file: Path, keys: dict[str, Path]) -> Path:
    """One JSON file: member of the mesh → its public key."""
    file.write_text(json.dumps({name: public_jwk(key) for name, key in keys.items()}))
    return file


def write_secret(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.write_text(text)
