"""The control plane, one module for each area."""

from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.ledger import Checkpoint, Usage
from contracts.api.gateway.parties import ApplyParty, Kind, Party, Suspend
from contracts.api.gateway.resources import Resource

__all__ = ["ApplyParty", "Checkpoint", "Decision", "Kind", "Party", "Resource", "Suspend", "Usage"]
