"""Rows of the control plane as values and back, one module for each area."""

from gateway.registry.repository.changes import WritableChanges, change_of
from gateway.registry.repository.parties import Parties, WritableParties, with_keys

__all__ = ["Parties", "WritableChanges", "WritableParties", "change_of", "with_keys"]
