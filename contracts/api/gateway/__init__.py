"""The control plane, one module for each area."""

from contracts.api.gateway.channels import Channel, ChannelPolicy, CloseChannel, Hours, RegisterChannel, ReplacePolicy
from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.parties import ApplyParty, Kind, Party, Suspend
from contracts.api.gateway.portal import Home, Search
from contracts.api.gateway.portal import Kind as SearchKind
from contracts.api.gateway.resources import Resource

__all__ = [
    "ApplyParty",
    "Channel",
    "ChannelPolicy",
    "CloseChannel",
    "Decision",
    "Home",
    "Hours",
    "Kind",
    "Party",
    "RegisterChannel",
    "ReplacePolicy",
    "Resource",
    "Search",
    "SearchKind",
    "Suspend",
]
