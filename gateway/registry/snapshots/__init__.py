"""What the gateway decides by, read from its tables: rows as plain JSON, then one immutable value made of them."""

from gateway.registry.snapshots.keeping import Snapshots

__all__ = ["Snapshots"]
