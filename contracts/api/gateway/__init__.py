"""The control plane, one module for each area."""

from contracts.api.gateway.changes import (
    Change,
    Content,
    OpenChannel,
    PartyKeyAdded,
    PartyLimits,
    PartyNetworks,
    PartyOfficers,
    PartyRedirects,
    ProposeChange,
    ReactivateResource,
    RenewParty,
    ResumeParty,
    ReviewChange,
)
from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.explanations import Explanation, Replayed
from contracts.api.gateway.parties import ApplyParty, KeyId, Kind, NewOwnKey, Party, PartyKey, Restrict, Suspend, Withdraw
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
    "Change",
    "ChangedDecision",
    "Content",
    "Decision",
    "Explanation",
    "KeyId",
    "Kind",
    "NewOwnKey",
    "OpenChannel",
    "Party",
    "PartyKey",
    "PartyKeyAdded",
    "PartyLimits",
    "PartyNetworks",
    "PartyOfficers",
    "PartyRedirects",
    "PolicyPreview",
    "PolicySentence",
    "PolicyText",
    "PolicyVersion",
    "PreviewPolicies",
    "ProposeChange",
    "ProposePolicies",
    "ReactivateResource",
    "RenewParty",
    "Replayed",
    "Resource",
    "Restrict",
    "ResumeParty",
    "ReviewChange",
    "Suspend",
    "Withdraw",
]
