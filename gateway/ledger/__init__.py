"""Decision records on their way to disk."""

from gateway.ledger.writer import LedgerWriter

__all__ = ["LedgerWriter"]
