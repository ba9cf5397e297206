"""Rows of the control plane as values and back, one module for each area."""

from gateway.registry.repository.changes import WritableChanges, change_of
from gateway.registry.repository.parties import Parties, WritableParties, with_keys
from gateway.registry.repository.policies import PolicyVersions, WritablePolicyVersions, version_of

__all__ = [
    "Parties",
    "PolicyVersions",
    "WritableChanges",
    "WritableParties",
    "WritablePolicyVersions",
    "change_of",
    "version_of",
    "with_keys",
]
