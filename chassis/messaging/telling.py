"""Events as part of a statement that is written by hand, where a statement more would cost as much as all the rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chassis.messaging.outbox import row_of
from contracts.events import Event

TOLD: Final = ("event_ids", "types", "versions", "keys", "texts", "moments")
"""Names of the parameters of `TELL`, in the order in which `told` answers."""
TELL: Final = """
INSERT INTO outbox (event_id, type, version, key, body, occurred_at)
SELECT * FROM unnest(
    CAST(CAST(:event_ids AS text[]) AS uuid[]), CAST(:types AS text[]), CAST(:versions AS smallint[]),
    CAST(:keys AS text[]), CAST(:texts AS text[]), CAST(:moments AS timestamptz[])
)
"""


def told(events: Sequence[tuple[Event, datetime]]) -> tuple[list[object], ...]:
    """Columns of the outbox, of events outside any trace. Raises as `publish`."""
    rows = [row_of(event, at, None) for event, at in events]
    return tuple([row[name] for row in rows] for name in ("event_id", "type", "version", "key", "body", "occurred_at"))
