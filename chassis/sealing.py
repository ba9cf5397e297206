"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed hash."""

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Sealer:
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(key, b"seal", "sha256"))
        self._lookup = hmac.digest(key, b"lookup", "sha256")

    @classmethod
    def from_file(cls, file: Path) -> "Sealer":
        """`file` holds 32 bytes in hexadecimal. Raises ValueError for anything else: an empty file would be everybody's key."""
        key = bytes.fromhex(file.read_text().strip())
        if len(key) != _KEY_BYTES:
            msg = f"{file} does not hold {_KEY_BYTES} bytes"
            raise ValueError(msg)
        return cls(key)

    def seal(self, text: str) -> bytes:
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises ValueError when the data was not sealed with this key."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, None)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Raises as `open` does."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise ValueError("not sealed with this key") from None

    def lookup(self, text: str) -> bytes:
        """The same for the same text, and nothing to anybody without the key."""
        return hmac.digest(self._lookup, text.encode(), hashlib.sha256)

    def lookups(self, text: str) -> list[bytes]:
        """Every hash under which a row with this text may stand: search by all of them, write by `lookup`."""
        return [self.lookup(text)]

    def seal_message(self, said: dict[str, Any]) -> str:
        """A message to ourselves that travels through a browser."""
        return self.seal(json.dumps(said)).hex()

    def open_message(self, text: str) -> dict[str, Any]:
        """Raises ValueError for anything that is not our own message."""
        said: dict[str, Any] = json.loads(self.open(bytes.fromhex(text)))
        return said
