"""Seals with AES-256-GCM under the current key of a ring, opens with any, and follows the ring's file.

Shape of what is sealed: `01`, four bytes of key id, twelve of nonce, ciphertext with tag; version and id are authenticated.
A lookup is `01`, key id, HMAC-SHA-256. Under the key that has no id both stand without those first five bytes.
"""

import hmac
import json
import math
import os
from pathlib import Path
from time import monotonic
from typing import Any, Final

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.sealing.ring import UNNUMBERED, Key, Ring

log = structlog.get_logger()

PREFIX_BYTES: Final = 5
LOOK_EVERY_S: Final = 1.0
_NONCE_BYTES: Final = 12


class _Prepared:
    """A key ready for use."""

    __slots__ = ("_lookup", "body", "decrypt", "encrypt", "nonce", "prefix")

    def __init__(self, key: Key) -> None:
        self.prefix = b"" if key.id == UNNUMBERED else b"\x01" + key.id.to_bytes(PREFIX_BYTES - 1)
        self.nonce = len(self.prefix)
        self.body = self.nonce + _NONCE_BYTES
        cipher = AESGCM(hmac.digest(key.secret, b"seal", "sha256"))
        self.encrypt, self.decrypt = cipher.encrypt, cipher.decrypt
        self._lookup = hmac.digest(key.secret, b"lookup", "sha256")

    def open(self, sealed: bytes) -> bytes | None:
        try:
            return self.decrypt(sealed[self.nonce : self.body], sealed[self.body :], self.prefix)
        except (InvalidTag, ValueError):
            return None

    def lookup(self, text: str) -> bytes:
        return self.prefix + hmac.digest(self._lookup, text.encode(), "sha256")


class _Keys:
    """A ring ready for use; never changed, so that a process takes a new one in one step."""

    __slots__ = ("all", "by_prefix", "current", "ring", "unnumbered")

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        prepared = {key: _Prepared(key) for key in ring.keys}
        self.current = prepared[ring.current]
        self.all = list(prepared.values())
        self.by_prefix = {each.prefix: each for each in self.all if each.prefix}
        self.unnumbered = next((each for each in self.all if not each.prefix), None)

    def open(self, sealed: bytes) -> bytes | None:
        numbered = self.by_prefix.get(sealed[:PREFIX_BYTES])
        data = numbered.open(sealed) if numbered else None
        # A nonce from before keys had ids may happen to begin like a key's id.
        return self.unnumbered.open(sealed) if data is None and self.unnumbered else data


class Sealer:
    """Safe to share: each use takes the ring as it is then."""

    def __init__(self, ring: Ring) -> None:
        self._keys = _Keys(ring)
        self._file: Path | None = None
        self._seen: tuple[int, ...] = ()
        self._look_at = math.inf

    @classmethod
    def from_file(cls, file: Path) -> "Sealer":
        """Follows `file`: whatever is put there is in use within a second. Raises ValueError or OSError when it holds no ring now."""
        sealer = cls(Ring.read(file))
        # What is written between the two reads is seen by the first look.
        sealer._file, sealer._look_at = file, 0.0
        return sealer

    @property
    def ring(self) -> Ring:
        """As the file has it now, if it can be taken."""
        self._look()
        return self._keys.ring

    def seal(self, text: str) -> bytes:
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises ValueError when the data was not sealed with a key of the ring."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        if monotonic() >= self._look_at:
            self._look()
        key, nonce = self._keys.current, os.urandom(_NONCE_BYTES)
        return key.prefix + nonce + key.encrypt(nonce, data, key.prefix)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Raises as `open` does."""
        if monotonic() >= self._look_at:
            self._look()
        key = self._keys.by_prefix.get(sealed[:PREFIX_BYTES]) or self._keys.unnumbered
        try:
            # Every request comes by here; `_reopened` is for the rest.
            return key.decrypt(sealed[key.nonce : key.body], sealed[key.body :], key.prefix) if key else self._reopened(sealed)
        except (InvalidTag, ValueError):
            return self._reopened(sealed)

    def lookup(self, text: str) -> bytes:
        """The same for the same text under the same key, and nothing to anybody without it."""
        if monotonic() >= self._look_at:
            self._look()
        return self._keys.current.lookup(text)

    def lookups(self, text: str) -> list[bytes]:
        """Every hash under which a row with this text may stand: search by all of them, write by `lookup`."""
        if monotonic() >= self._look_at:
            self._look()
        return [key.lookup(text) for key in self._keys.all]

    def prefix(self) -> bytes:
        """What everything begins with that is sealed or looked up under the current key."""
        return self._keys.current.prefix

    def seal_message(self, said: dict[str, Any]) -> str:
        """A message to ourselves that travels through a browser. It dies with its key: see `keep_s` of a rotation."""
        return self.seal(json.dumps(said)).hex()

    def open_message(self, text: str) -> dict[str, Any]:
        """Raises ValueError for anything that is not our own message."""
        said: dict[str, Any] = json.loads(self.open(bytes.fromhex(text)))
        return said

    def _reopened(self, sealed: bytes) -> bytes:
        """Raises ValueError."""
        # Somebody may be a second ahead of us.
        self._look()
        data = self._keys.open(sealed)
        if data is None:
            raise ValueError("not sealed with this key") from None
        return data

    def _look(self) -> None:
        if self._file is None:
            return
        self._look_at = monotonic() + LOOK_EVERY_S
        try:
            found = self._file.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
            if seen == self._seen:
                return
            self._seen = seen
            self._take(Ring.read(self._file))
        except (OSError, ValueError) as error:
            log.warning("key_ring_not_taken", file=str(self._file), reason=str(error))

    def _take(self, ring: Ring) -> None:
        """Raises ValueError for a ring that cannot have grown out of the one in use."""
        if ring == self._keys.ring:
            return
        known, offered = ({key.id: key.secret for key in each.keys} for each in (self._keys.ring, ring))
        if not known.keys() & offered.keys() or any(offered.get(each, secret) != secret for each, secret in known.items()):
            raise ValueError(f"{self._file}: these are not the keys that data was sealed with until now")
        self._keys = _Keys(ring)
        log.info("key_ring_taken", current=ring.current.id, keys=[key.id for key in ring.keys])
