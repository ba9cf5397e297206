"""Keys that sign tokens: published first, signing after a wait, believed until the last token they signed is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.identity.domain.clients import ID_TOKEN_ALGORITHMS

ALGORITHMS: Final = ID_TOKEN_ALGORITHMS
LONGEST_TOKEN_LIFE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`pem` is the private key. `retires_at` is None while no other key has taken its place."""

    kid: str
    alg: str
    pem: bytes
    created_at: datetime
    signs_from: datetime
    retires_at: datetime | None = None
