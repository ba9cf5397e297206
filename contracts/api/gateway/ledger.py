"""The ledger of decisions as auditors and parties see it."""

from datetime import date

from contracts.strict import Answer, Instant


class Checkpoint(Answer):
    """Where all chains stood. `body` is the JSON that `hash` (SM3) and `signature` (ES256, by the ledger key) are over; both
    and `previous` are in hexadecimal."""

    number: int
    previous: str
    at: Instant
    hash: str
    body: str
    signature: str


class Usage(Answer):
    """How often a party asked for a resource on a day of the city. `personal` of the requests told somebody's data."""

    day: date
    resource: str
    environment: str
    requests: int
    granted: int
    refused: int
    personal: int
