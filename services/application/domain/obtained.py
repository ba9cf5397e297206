"""Values that a case gets by itself, so that nobody types them. Source: ADR-0042."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from chassis.working_days import local_day
from contracts.api.catalogue import Definition
from contracts.values import CaseNumber
from services.application.domain.intake import FieldValue
from services.application.domain.materials import CaseMaterial


def obtained(definition: Definition, number: CaseNumber, copies: Sequence[CaseMaterial], *, at: datetime) -> tuple[FieldValue, ...]:
    """What the case gets by itself: what its certificates say, each under the certificate's identifier, and what it is.

    What a certificate says in another way than the form needs is left to the agency, which sees the certificate.
    """
    said: dict[str, tuple[Any, str]] = {
        "case.number": (number, "case"),
        "case.submitted_on": (local_day(at).isoformat(), "case"),
        "case.matter": (definition.name, "case"),
        "case.agency": (definition.agency_name, "case"),
        "case.division": (definition.division, "case"),
    }
    types = {material.code: material.certificate_type for material in definition.materials}
    for each in copies:
        if each.copy is None:
            continue
        for member, value in each.copy.content.items():
            said[f"certificate.{types[each.code]}.{member}"] = (value, each.copy.identifier)
    properties = definition.form_schema.get("properties", {})
    return tuple(
        FieldValue(name, definition.field_titles.get(name, name), *said[path], at, definition.basis)
        for name, path in definition.field_sources.items()
        if path in said and name in properties and Draft202012Validator(properties[name]).is_valid(said[path][0])
    )
