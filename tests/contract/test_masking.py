"""What identifies a person leaves the mesh masked; whatever does not is here, with the reason why."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from contracts.personal import KEYWORD
from gateway.registry.api_document import documents

_NUMBERED: Final = re.compile(r"(^|_)(resident_id|holder_id|phone|mobile|document|passport|number)$")
_NAMED: Final = re.compile(r"^(name|holder_name|person_name|value|content|birth_on|born)$")
_PERSONAL_GRADE: Final = 3

_CASE: Final = "the number of a case, which names nobody"
_MATTER: Final = "the name of a matter, a type, a form's field or a material"
_OWN: Final = "the person's own, to the person alone"
_PROFILE: Final = "to services of the mesh alone, each reading in the person's access ledger"
_DECIDING: Final = "the agency that decides the case decides on exactly this, each reading in the person's access ledger"

UNMASKED: Final = {
    "Access.case_number": _CASE,
    "ApprovalFact.name": _MATTER,
    "ApprovalFact.value": _DECIDING,
    "AutomaticDecision.number": _CASE,
    "ExchangeRecord.number": _CASE,
    "PackageCase.name": _MATTER,
    "PackageCase.number": _CASE,
    "KeptStep.name": _MATTER,
    "KeptStep.number": _CASE,
    "PackageStep.name": _MATTER,
    "PackageStep.number": _CASE,
    "WaitingRecheck.number": _CASE,
    "Card.number": _CASE,
    "Case.number": _CASE,
    "CaseResult.number": _CASE,
    "CaseSummary.number": _CASE,
    "CaseWaivers.number": _CASE,
    "Progress.number": _CASE,
    "Slip.short_number": "the number of a slip, which names nobody",
    "WorkItem.number": _CASE,
    "OrganisationResult.number": _CASE,
    "Certificate.case_number": _CASE,
    "Consent.case_number": _CASE,
    "Decision.case_number": _CASE,
    "Delivery.number": _CASE,
    "Dispatch.number": _CASE,
    "Finding.case_number": _CASE,
    "PermitNotice.number": _CASE,
    "WorkForm.case_number": _CASE,
    "Dossier.number": _CASE,
    "FileUse.number": _CASE,
    "Invitation.case_number": _CASE,
    "OwnRating.case_number": _CASE,
    "ServicePoint.phone": "the public number of a hall, kiosk or station",
    "Checkpoint.number": "the number of a checkpoint of the ledger",
    "Submitted.case_number": _CASE,
    "Summary.case_number": _CASE,
    "Task.case_number": _CASE,
    "Choice.value": _MATTER,
    "GuideField.name": _MATTER,
    "Material.name": _MATTER,
    "MissingInput.name": _MATTER,
    "Option.value": _MATTER,
    "Step.name": _MATTER,
    "UsedInput.name": _MATTER,
    "UsedInput.value": "an age, a choice or a yes by which a table was decided, to whom it is about",
    "Certificate.name": _MATTER,
    "DossierMaterial.name": _MATTER,
    "FileUse.name": _MATTER,
    "Form.name": _MATTER,
    "HeldMaterial.name": _MATTER,
    "Holding.name": _MATTER,
    "Owed.name": _MATTER,
    "Prefilled.name": _MATTER,
    "SourcedValue.name": _MATTER,
    "Summary.name": _MATTER,
    "UsedCertificate.name": _MATTER,
    "VerifiedPresentation.name": _MATTER,
    "WantedMaterial.name": _MATTER,
    "FileField.name": _MATTER,
    "RightAgency.name": "the name of an agency, which is public",
    "Organisation.name": "the name of an organisation, which is public",
    "HolderOrganisation.name": "the name of an organisation, which is public",
    "OrganisationProfile.name": "the name of an organisation, which is public",
    "Staff.number": "the work number of an officer, which stands on every decision",
    "Principal.name": "a person's masked, an organisation's public",
    "Claim.value": "what a scene of the city code gives to a verifier that was admitted to it, names masked by the scene",
    "FileField.value": f"{_OWN}; masked (`is_masked`) unless the person has just signed on and asks for it",
    "Superseded.value": f"{_OWN}, just signed on",
    "OwnFile.name": _OWN,
    "Certificate.content": _OWN,
    "Certificate.holder_name": _OWN,
    "Certificate.number": f"{_OWN}; the certificate's signature is over it",
    "Person.name": _OWN,
    "Prefilled.value": f"{_OWN}; numbers and phones stand in it masked (`is_masked`)",
    "Profile.birth_on": _PROFILE,
    "Profile.born": _PROFILE,
    "Profile.document": _PROFILE,
    "Profile.name": _PROFILE,
    "SourcedDocument.number": _PROFILE,
    "Profile.phone": _PROFILE,
    "Profile.resident_id": _PROFILE,
    "Sourced.value": _PROFILE,
    "CaseDocument.number": "the number of a document of an agency, which names nobody",
    "CaseResult.content": "to the certificate service alone, which writes the certificate from it",
    "CaseResult.holder_id": "to the certificate service alone, which writes the certificate from it",
    "CaseResult.holder_name": "to the certificate service alone, which writes the certificate from it",
    "OrganisationResult.content": "to the certificate service alone, which writes the certificate from it",
    "OrganisationResult.holder_name": "the name of an organisation, which is public",
    "UsedCertificate.content": "to the application service alone: the copy that the person agreed to be used in the case",
    "DossierApplicant.name": _DECIDING,
    "DossierApplicant.number": _DECIDING,
    "DossierMaterial.content": _DECIDING,
    "SourcedValue.value": _DECIDING,
}

_NOT_MASKED_AT_THE_DOOR: Final = {
    "Superseded.value": "what a correction replaced, read by the person alone just after a sign-on",
}


def _telling() -> Iterator[str]:
    """`Schema.field` of everything in an answer whose name says that it may identify a person."""
    for document in documents().values():
        schemas = document["components"]["schemas"]
        for operation in (each for operations in document["paths"].values() for each in operations.values()):
            grade = operation.get("x-tongban", {}).get("grade", 0)
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    for body in answer.get("content", {}).values():
                        yield from _fields(body.get("schema", {}), "", grade, schemas, frozenset())


def _fields(schema: dict[str, Any], owner: str, grade: int, schemas: dict[str, Any], above: frozenset[str]) -> Iterator[str]:
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        if name not in above:
            yield from _fields(schemas[name], name, grade, schemas, above | {name})
        return
    for field, inner in schema.get("properties", {}).items():
        if _NUMBERED.search(field) or (grade >= _PERSONAL_GRADE and _NAMED.fullmatch(field)):
            yield f"{owner}.{field}"
        yield from _fields(inner, owner, grade, schemas, above)
    for inner in (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if isinstance(inner, dict):
            yield from _fields(inner, owner, grade, schemas, above)


def test_whatever_may_identify_a_person_is_masked_or_has_a_reason() -> None:
    assert set(_telling()) - UNMASKED.keys() == set()


def test_no_reason_outlives_its_field() -> None:
    assert UNMASKED.keys() - set(_telling()) == set()


def test_what_is_clear_because_it_is_ones_own_or_decided_on_is_marked_for_the_gateway() -> None:
    """Whoever else should come to see such an answer gets it masked at the door."""
    marked = set()
    for document in documents().values():
        for name, schema in document["components"]["schemas"].items():
            marked |= {f"{name}.{field}" for field, inner in schema.get("properties", {}).items() if KEYWORD in json.dumps(inner)}
    reached = {field for field, reason in UNMASKED.items() if reason.startswith(_OWN) or reason == _DECIDING}
    assert reached - marked - _NOT_MASKED_AT_THE_DOOR.keys() == set()
    assert {field for field in set(_telling()) if field.endswith("_masked")} - marked == set()
