"""Rows of the control plane as values and back, one module for each area."""

from gateway.registry.repository.parties import Parties, WritableParties, party_of
from gateway.registry.repository.policies import PolicyVersions, WritablePolicyVersions, version_of

__all__ = ["Parties", "PolicyVersions", "WritableParties", "WritablePolicyVersions", "party_of", "version_of"]
