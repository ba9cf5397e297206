"""The control plane, one module for each area."""

from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.explanations import Explanation, Replayed
from contracts.api.gateway.parties import ApplyParty, Kind, Party, Suspend
from contracts.api.gateway.policies import (
    ChangedDecision,
    PolicyPreview,
    PolicySentence,
    PolicyText,
    PolicyVersion,
    PreviewPolicies,
    ProposePolicies,
)
from contracts.api.gateway.resources import Resource

__all__ = [
    "ApplyParty",
    "ChangedDecision",
    "Decision",
    "Explanation",
    "Kind",
    "Party",
    "PolicyPreview",
    "PolicySentence",
    "PolicyText",
    "PolicyVersion",
    "PreviewPolicies",
    "ProposePolicies",
    "Replayed",
    "Resource",
    "Suspend",
]
