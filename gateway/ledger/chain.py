"""What is hashed and signed, byte for byte.

Each gateway process writes a chain of its own, so that nothing is read back and nobody can fork it: it alone holds the key
that signs its blocks. The city's ledger key vouches for that key, and signs the checkpoints over the heads of all chains.
Source: SM3 of GB/T 32905, ES256 of RFC 7518 section 3.4; `docs/adr`, the chained ledger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from joserfc.jwk import ECKey

DIGEST_BYTES: Final = 32
LEAF_BYTES: Final = 1 + DIGEST_BYTES
NOTHING_BEFORE: Final = bytes(DIGEST_BYTES)

_SM3: Final = hashes.Hash(hashes.SM3())
_ES256: Final = ec.ECDSA(hashes.SHA256())
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def sm3(data: bytes) -> bytes:
    digest = _SM3.copy()
    digest.update(data)
    return digest.finalize()


def microseconds(at: datetime) -> int:
    """Since the epoch: what databases keep of a moment."""
    return (at - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


class Signing:
    """A private key on P-256. Signatures are r and s, 32 bytes each."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @classmethod
    def new(cls) -> Self:
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Raises ValueError for anything but a P-256 key in PEM."""
        key = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            msg = "the key is not on P-256"
            raise ValueError(msg)  # noqa: TRY004 (of a file, not of an argument)
        return cls(key)

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(data, _ES256))
        return r.to_bytes(DIGEST_BYTES, "big") + s.to_bytes(DIGEST_BYTES, "big")


def public_key(jwk: bytes) -> bytes:
    """The point of a public JWK. Raises ValueError, TypeError or KeyError for anything else."""
    return ECKey.import_key(orjson.loads(jwk)).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@lru_cache(1000)
def _key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def is_signed(data: bytes, signature: bytes, by: bytes) -> bool:
    if len(signature) != 2 * DIGEST_BYTES:
        return False
    r, s = int.from_bytes(signature[:DIGEST_BYTES], "big"), int.from_bytes(signature[DIGEST_BYTES:], "big")
    try:
        _key(by).verify(encode_dss_signature(r, s), data, _ES256)
    except (ValueError, InvalidSignature):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Chain:
    """The beginning of a chain: whose it is, and the key of its blocks, which the ledger key signed. `at` in microseconds."""

    id: str
    at: int
    gateway: str
    public_key: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        return f"tongban-chain-1\n{self.id}\n{self.at}\n{self.gateway}\n{self.public_key.hex()}\n".encode()

    @property
    def genesis(self) -> bytes:
        """What stands before the first block."""
        return sm3(self.signed)


@dataclass(frozen=True, slots=True)
class Block:
    """Some records in their order. `records` counts those of the chain up to here; `at`, in microseconds, is when the block
    was made, from which the term of what it holds runs; `leaves` has for each record the letter of its class and the hash of
    its body, so that the block still verifies when the body is gone."""

    chain: str
    number: int
    previous: bytes
    at: int
    records: int
    leaves: bytes
    hash: bytes
    signature: bytes

    @property
    def count(self) -> int:
        return len(self.leaves) // LEAF_BYTES

    def leaf(self, position: int) -> bytes:
        return self.leaves[position * LEAF_BYTES : (position + 1) * LEAF_BYTES]

    def expected_hash(self) -> bytes:
        return block_hash(self.chain, self.number, self.previous, self.at, self.records, self.leaves)


def block_hash(chain: str, number: int, previous: bytes, at: int, records: int, leaves: bytes) -> bytes:
    head = f"tongban-block-1\n{chain}\n{number}\n{previous.hex()}\n{at}\n{records}\n{len(leaves)}\n"
    return sm3(head.encode() + leaves)


def leaf(letter: bytes, body: bytes) -> bytes:
    return letter + sm3(body)


class OpenChain:
    """The chain that this process writes. A block counts once it has been `add`ed; until then another may be made in its place."""

    def __init__(self, ledger_key: Signing, gateway: str, at: datetime) -> None:
        self._key = Signing.new()
        unsigned = Chain(str(uuid4()), microseconds(at), gateway, self._key.public, b"")
        self.beginning = Chain(unsigned.id, unsigned.at, gateway, self._key.public, ledger_key.sign(unsigned.signed))
        self.number = 0
        self._previous = self.beginning.genesis
        self._records = 0

    def block(self, leaves: bytes, at: datetime) -> Block:
        made, records = microseconds(at), self._records + len(leaves) // LEAF_BYTES
        digest = block_hash(self.beginning.id, self.number, self._previous, made, records, leaves)
        return Block(self.beginning.id, self.number, self._previous, made, records, leaves, digest, self._key.sign(digest))

    def add(self, block: Block) -> None:
        self.number, self._previous, self._records = block.number + 1, block.hash, block.records


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block of a chain at the time of a checkpoint."""

    chain: str
    block: int
    hash: str
    records: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The heads that moved since the checkpoint before it, signed by the ledger key. `body` is the JSON that is hashed."""

    number: int
    previous: bytes
    at: int
    hash: bytes
    body: str
    signature: bytes

    @classmethod
    def new(cls, number: int, previous: bytes, at: datetime, heads: Iterable[Head], key: Signing) -> Self:
        said = {"number": number, "previous": previous.hex(), "at": microseconds(at), "heads": list(heads)}
        body = orjson.dumps(said)
        return cls(number, previous, said["at"], sm3(body), body.decode(), key.sign(body))  # type: ignore[arg-type]  # `at` is an int

    def heads(self) -> list[Head]:
        """Raises ValueError, TypeError or KeyError for a body that was not made here."""
        return [Head(**each) for each in orjson.loads(self.body)["heads"]]

    def is_as_its_body_says(self) -> bool:
        try:
            said = orjson.loads(self.body)
            stated = (said["number"], said["previous"], said["at"])
        except (ValueError, TypeError, KeyError):
            return False
        return stated == (self.number, self.previous.hex(), self.at) and sm3(self.body.encode()) == self.hash

    def line(self) -> str:
        """As it stands with the witness."""
        return orjson.dumps({"body": self.body, "signature": self.signature.hex()}).decode()
