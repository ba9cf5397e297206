"""Forms, files, cases 办件 and their handling by districts and departments, one module for each area."""

from contracts.api.application.cases import Case, CaseSummary, Notice, Status, Step
from contracts.api.application.consents import Consent, ConsentWithdrawn
from contracts.api.application.forms import (
    CertificateUse,
    Correct,
    Form,
    GivenMaterial,
    MaterialCode,
    Prefilled,
    SituationCode,
    Stored,
    Submit,
    Values,
    WantedMaterial,
)
from contracts.api.application.handling import (
    Decide,
    Dispatch,
    Dossier,
    DossierApplicant,
    DossierMaterial,
    OfficerAct,
    RequestCorrection,
    SourcedValue,
)
from contracts.api.application.results import CaseResult, CaseStanding, OrganisationResult

__all__ = [
    "Case",
    "CaseResult",
    "CaseStanding",
    "CaseSummary",
    "CertificateUse",
    "Consent",
    "ConsentWithdrawn",
    "Correct",
    "Decide",
    "Dispatch",
    "Dossier",
    "DossierApplicant",
    "DossierMaterial",
    "Form",
    "GivenMaterial",
    "MaterialCode",
    "Notice",
    "OfficerAct",
    "OrganisationResult",
    "Prefilled",
    "RequestCorrection",
    "SituationCode",
    "SourcedValue",
    "Status",
    "Step",
    "Stored",
    "Submit",
    "Values",
    "WantedMaterial",
]
