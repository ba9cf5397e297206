"""What the gateway decides by, read from its tables: rows as plain JSON, then one immutable value made of them."""

from gateway.registry.snapshots.keeping import Snapshots
from gateway.registry.snapshots.last_known_good import LastKnownGood

__all__ = ["LastKnownGood", "Snapshots"]
