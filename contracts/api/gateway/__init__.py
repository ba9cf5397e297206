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
from contracts.api.gateway.conformance import Check, ConformanceRun, Exchange, FailedCheck, HeaderName, Outcome, Play, Report
from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.parties import ApplyParty, KeyId, Kind, NewOwnKey, Party, PartyKey, Restrict, Suspend, Withdraw
from contracts.api.gateway.resources import Resource

__all__ = [
    "ApplyParty",
    "Change",
    "Check",
    "ConformanceRun",
    "Content",
    "Decision",
    "Exchange",
    "FailedCheck",
    "HeaderName",
    "KeyId",
    "Kind",
    "NewOwnKey",
    "OpenChannel",
    "Outcome",
    "Party",
    "PartyKey",
    "PartyKeyAdded",
    "PartyLimits",
    "PartyNetworks",
    "PartyOfficers",
    "PartyRedirects",
    "Play",
    "ProposeChange",
    "ReactivateResource",
    "RenewParty",
    "Report",
    "Resource",
    "Restrict",
    "ResumeParty",
    "ReviewChange",
    "Suspend",
    "Withdraw",
]
