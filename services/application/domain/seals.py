"""The dedicated seal 专用章 under a document: what is drawn, and what is signed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.values import CreditCode


@dataclass(frozen=True, slots=True)
class Signature:
    """Over the bytes of a sheet, apart from it. `public_key` is PEM, so that whoever holds sheet and signature needs nothing else.
    `is_test`: a key that binds nobody."""

    algorithm: str
    key_id: str
    public_key: str
    value: bytes
    is_test: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document on paper: a PDF, the SHA-256 of its bytes, and the seal's signature over them."""

    content: bytes
    digest: bytes
    signature: Signature
    sealed_at: datetime


class Seal(Protocol):
    """Whose hand holds the seals of agencies: an own test key, or the service that keeps the real ones."""

    legend: str
    """What the seal says under its star."""

    async def sign(self, agency: CreditCode, content: bytes) -> Signature:
        """Raises Unavailable when the seal cannot be had now."""
        ...
