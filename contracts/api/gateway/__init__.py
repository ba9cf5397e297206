"""The control plane, one module for each area."""

from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.parties import ApplyParty, Kind, Party, Suspend
from contracts.api.gateway.resources import (
    CertificateTypeResource,
    ClassifyResource,
    DeprecateResource,
    LeavingCertificateType,
    NamedResource,
    ReactivateResource,
    Resource,
    RetireResource,
    WidenResource,
)

__all__ = [
    "ApplyParty",
    "CertificateTypeResource",
    "ClassifyResource",
    "Decision",
    "DeprecateResource",
    "Kind",
    "LeavingCertificateType",
    "NamedResource",
    "Party",
    "ReactivateResource",
    "Resource",
    "RetireResource",
    "Suspend",
    "WidenResource",
]
