from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, delete, select, tuple_

from chassis.database import WriteSession
from chassis.forgetting import Kept
from services.identity.tables import (
    assertions,
    authorization_codes,
    authorization_requests,
    client_secrets,
    device_guesses,
    device_requests,
    federation_journeys,
    logout_deliveries,
    proofs,
    refresh_tokens,
)

_AT_ONCE: Final = 5000


def _over(table: Table, column: str = "expires_at") -> Callable[[WriteSession, datetime], Awaitable[int]]:
    """Forgets rows of `table` that were over before a moment, which `column` tells."""

    async def forget(session: WriteSession, before: datetime) -> int:
        key = tuple(table.primary_key.columns)
        old = select(*key).where(table.c[column] < before).limit(_AT_ONCE)
        return (await session.execute(delete(table).where(tuple_(*key).in_(old)))).rowcount

    return forget


KEPT: Final = (
    Kept(timedelta(hours=1), _over(assertions)),
    Kept(timedelta(hours=1), _over(proofs)),
    Kept(timedelta(days=1), _over(authorization_requests)),
    # A code or a refresh token that comes back after its end still tells of a theft, for a while.
    Kept(timedelta(days=7), _over(authorization_codes)),
    Kept(timedelta(days=7), _over(refresh_tokens)),
    Kept(timedelta(days=1), _over(device_requests)),
    Kept(timedelta(days=1), _over(federation_journeys)),
    Kept(timedelta(days=1), _over(device_guesses, "last_at")),
    # Which clients were told is asked for when somebody complains.
    Kept(timedelta(days=30), _over(logout_deliveries, "ended_at")),
    Kept(timedelta(days=30), _over(client_secrets)),
)
"""What the protocol keeps only for a while after it is over."""
