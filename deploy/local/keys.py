"""Keys of a local mesh, made once and kept in its state folder, readable by its owner only."""

import json
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from chassis.sealing import Ring
from contracts.topics import SERVICES

_SIGNING = ("identity", "certificate")
_CITY_CODES = "identity-city-code"
_LEDGER = "gateway-ledger"
_SEAL = "application-seal"
SEALING = ("identity", "application", "certificate", "rating")


class Keyring:
    """The keys in `folder`: one a member of the mesh, those that sign for the public, those that seal data, passwords."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        public_keys(self._folder / "public.json", {name: private_key(self._folder / f"{name}.pem") for name in SERVICES})
        for name in _SIGNING:
            private_key(self._folder / f"{name}-signing.pem")
        private_key(self._folder / f"{_CITY_CODES}.pem")
        private_key(self._folder / f"{_SEAL}.pem")
        private_key(self._folder / f"{_LEDGER}.pem")
        (self._folder / f"{_LEDGER}.json").write_text(json.dumps(public_jwk(self._folder / f"{_LEDGER}.pem")))
        for name in SEALING:
            key_ring(self._folder / f"{name}-data.key")

    def password(self, role: str) -> str:
        return secret(self._folder / f"{role}.password", 16)

    def settings(self) -> dict[str, str]:
        """The environment variables that name the files."""
        return {
            "MESH_PUBLIC_KEYS_FILE": str(self._folder / "public.json"),
            **{f"{name.upper()}_SIGNING_KEY_FILE": str(self._folder / f"{name}-signing.pem") for name in _SIGNING},
            "IDENTITY_CITY_CODE_KEY_FILE": str(self._folder / f"{_CITY_CODES}.pem"),
            "APPLICATION_SEAL_KEY_FILE": str(self._folder / f"{_SEAL}.pem"),
            "GATEWAY_LEDGER_KEY_FILE": str(self._folder / f"{_LEDGER}.pem"),
            **{f"{name.upper()}_DATA_KEY_FILE": str(self._folder / f"{name}-data.key") for name in SEALING},
        }

    def member_key(self, name: str) -> Path:
        return self._folder / f"{name}.pem"


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


def key_ring(file: Path) -> None:
    """A ring of one key at `file`, made when there is none."""
    if not file.exists():
        write_secret(file, Ring.new().text())


def public_keys(file: Path, keys: dict[str, Path]) -> Path:
    """One JSON file: member of the mesh → its public key."""
    file.write_text(json.dumps({name: public_jwk(key) for name, key in keys.items()}))
    return file


def write_secret(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Whoever is killed while writing leaves the whole secret or none.
    written = file.with_name(f"{file.name}.part")
    written.touch(mode=0o600)
    written.write_text(text)
    written.replace(file)
