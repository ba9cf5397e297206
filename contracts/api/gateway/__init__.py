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
    "ChangedDecision",
    "ClassifyResource",
    "Decision",
    "DeprecateResource",
    "Explanation",
    "Kind",
    "LeavingCertificateType",
    "NamedResource",
    "Party",
    "PolicyPreview",
    "PolicySentence",
    "PolicyText",
    "PolicyVersion",
    "PreviewPolicies",
    "ProposePolicies",
    "ReactivateResource",
    "Replayed",
    "Resource",
    "RetireResource",
    "Suspend",
    "WidenResource",
]
