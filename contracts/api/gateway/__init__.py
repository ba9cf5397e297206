"""The control plane, one module for each area."""

from contracts.api.gateway.conformance import Check, ConformanceRun, Exchange, FailedCheck, HeaderName, Outcome, Play, Report
from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.parties import ApplyParty, Kind, Party, Suspend
from contracts.api.gateway.resources import Resource

__all__ = [
    "ApplyParty",
    "Check",
    "ConformanceRun",
    "Decision",
    "Exchange",
    "FailedCheck",
    "HeaderName",
    "Kind",
    "Outcome",
    "Party",
    "Play",
    "Report",
    "Resource",
    "Suspend",
]
