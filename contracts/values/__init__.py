"""Identifiers and value types on the wire. Each is a `str` that cannot exist in an invalid form.

Constructing one from bad text raises `ValueError`; pydantic reports it like any other invalid field.
"""

from contracts.values.agencies import CreditCode, DivisionCode
from contracts.values.certificates import CertificateIdentifier, CertificateTypeCode
from contracts.values.checks import credit_check, mod37_36, organisation_check, resident_check
from contracts.values.ids import (
    CaseId,
    CertificateId,
    ConsentId,
    EventId,
    FileId,
    GrantId,
    Id,
    ImportId,
    MandateId,
    OrganisationId,
    PartyId,
    PersonId,
    PresentationId,
    RatingId,
    SessionId,
    StaffId,
    TicketId,
)
from contracts.values.levels import Assurance, Grade, MatterType
from contracts.values.matters import BasicCode, CaseNumber, TaskCode, TaskItemCode
from contracts.values.people import OfficerId, PersonName, Phone, ResidentId
from contracts.values.value import Value

__all__ = [
    "Assurance",
    "BasicCode",
    "CaseId",
    "CaseNumber",
    "CertificateId",
    "CertificateIdentifier",
    "CertificateTypeCode",
    "ConsentId",
    "CreditCode",
    "DivisionCode",
    "EventId",
    "FileId",
    "Grade",
    "GrantId",
    "Id",
    "ImportId",
    "MandateId",
    "MatterType",
    "OfficerId",
    "OrganisationId",
    "PartyId",
    "PersonId",
    "PersonName",
    "Phone",
    "PresentationId",
    "RatingId",
    "ResidentId",
    "SessionId",
    "StaffId",
    "TaskCode",
    "TaskItemCode",
    "TicketId",
    "Value",
    "credit_check",
    "mod37_36",
    "organisation_check",
    "resident_check",
]
