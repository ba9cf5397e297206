"""How long things of the protocol are good for, where a city may choose."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timings:
    """`refresh_grace`: for how long a lost answer to a refresh may be asked for again.

    `signing_key_wait`: from when a new key is published until it signs; verifiers fetch the keys meanwhile.
    """

    pushed_request: timedelta = timedelta(seconds=60)
    refresh_grace: timedelta = timedelta(seconds=30)
    signing_key_wait: timedelta = timedelta(minutes=10)
