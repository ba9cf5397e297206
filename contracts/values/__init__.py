"""Identifiers and value types on the wire. Each is a `str` that cannot exist in an invalid form.

Constructing one from bad text raises `ValueError`; pydantic reports it like any other invalid field.
"""

from contracts.values.agencies import CreditCode, DivisionCode
from contracts.values.certificates import CertificateIdentifier, CertificateTypeCode
from contracts.values.checks import credit_check, mod37_36, organisation_check, permit_check, resident_check
from contracts.values.city_codes import CityCode, CityCodeId, CityCodeType, PresentedCode, SceneCode, Thumbprint
from contracts.values.documents import RESIDENT_FAMILY, Document, DocumentType, typed_as
from contracts.values.ids import (
    BatchId,
    CardId,
    CaseId,
    CertificateId,
    ConsentId,
    DocumentId,
    DraftId,
    EventId,
    FileId,
    GrantId,
    Id,
    ImportId,
    JudgementId,
    MandateId,
    MergeId,
    OrganisationId,
    PartyId,
    PersonId,
    PresentationId,
    RatingId,
    SessionId,
    StaffId,
    StatutoryDocumentId,
    TicketId,
)
from contracts.values.levels import Assurance, Grade, MatterType
from contracts.values.matters import BasicCode, CaseNumber, PackageNumber, TaskCode, TaskItemCode
from contracts.values.people import OfficerId, PersonName, Phone, ResidentId
from contracts.values.value import Value

__all__ = [
    "RESIDENT_FAMILY",
    "Assurance",
    "BasicCode",
    "BatchId",
    "CardId",
    "CaseId",
    "CaseNumber",
    "CertificateId",
    "CertificateIdentifier",
    "CertificateTypeCode",
    "CityCode",
    "CityCodeId",
    "CityCodeType",
    "ConsentId",
    "CreditCode",
    "DivisionCode",
    "Document",
    "DocumentId",
    "DocumentType",
    "DraftId",
    "EventId",
    "FileId",
    "Grade",
    "GrantId",
    "Id",
    "ImportId",
    "JudgementId",
    "MandateId",
    "MatterType",
    "MergeId",
    "OfficerId",
    "OrganisationId",
    "PackageNumber",
    "PartyId",
    "PersonId",
    "PersonName",
    "Phone",
    "PresentationId",
    "PresentedCode",
    "RatingId",
    "ResidentId",
    "SceneCode",
    "SessionId",
    "StaffId",
    "StatutoryDocumentId",
    "TaskCode",
    "TaskItemCode",
    "Thumbprint",
    "TicketId",
    "Value",
    "credit_check",
    "mod37_36",
    "organisation_check",
    "permit_check",
    "resident_check",
    "typed_as",
]
