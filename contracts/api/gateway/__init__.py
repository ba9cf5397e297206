"""The control plane, one module for each area."""

from contracts.api.gateway.changes import (
    Change,
    ChannelFollows,
    Content,
    OpenChannel,
    PartyChannels,
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
from contracts.api.gateway.channels import Channel, ChannelPolicy, CloseChannel, Hours, RegisterChannel
from contracts.api.gateway.conformance import Check, ConformanceRun, Exchange, FailedCheck, HeaderName, Outcome, Play, Report
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
from contracts.api.gateway.portal import Home, Search
from contracts.api.gateway.portal import Kind as SearchKind
from contracts.api.gateway.resources import Resource

__all__ = [
    "ApplyParty",
    "Change",
    "ChangedDecision",
    "Channel",
    "ChannelFollows",
    "ChannelPolicy",
    "Check",
    "CloseChannel",
    "ConformanceRun",
    "Content",
    "Decision",
    "Exchange",
    "Explanation",
    "FailedCheck",
    "HeaderName",
    "Home",
    "Hours",
    "KeyId",
    "Kind",
    "NewOwnKey",
    "OpenChannel",
    "Outcome",
    "Party",
    "PartyChannels",
    "PartyKey",
    "PartyKeyAdded",
    "PartyLimits",
    "PartyNetworks",
    "PartyOfficers",
    "PartyRedirects",
    "Play",
    "PolicyPreview",
    "PolicySentence",
    "PolicyText",
    "PolicyVersion",
    "PreviewPolicies",
    "ProposeChange",
    "ProposePolicies",
    "ReactivateResource",
    "RegisterChannel",
    "RenewParty",
    "Replayed",
    "Report",
    "Resource",
    "Restrict",
    "ResumeParty",
    "ReviewChange",
    "Search",
    "SearchKind",
    "Suspend",
    "Withdraw",
]
from contracts.api.gateway.ledger import Checkpoint, Usage

__all__ = ["ApplyParty", "Checkpoint", "Decision", "Kind", "Party", "Resource", "Suspend", "Usage"]
