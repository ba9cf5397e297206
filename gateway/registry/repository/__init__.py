"""Rows of the control plane as values and back, one module for each area."""

from gateway.registry.repository.parties import Parties, WritableParties, party_of

__all__ = ["Parties", "WritableParties", "party_of"]
