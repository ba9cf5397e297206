"""What a submission must hold: values that fit the form, sourced values from their source, materials given as they may be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jsonschema import Draft202012Validator

from chassis.errors import Conflict, Invalid
from contracts.api.application import GivenMaterial
from contracts.api.catalogue import Definition, Material
from contracts.api.identity import Profile, Sourced
from contracts.problems import application as problems
from contracts.values import CertificateId, CertificateIdentifier, FileId

APPLICANT: Final = "applicant"
_WAIVED: Final = frozenset({"data_check", "agency_help"})
_SOURCES: Final = {
    "identity.name": "name",
    "identity.resident_id": "resident_id",
    "identity.phone": "phone",
    "identity.sex": "sex",
    "identity.birth_on": "birth_on",
}


class FormIsOutOfDate(Conflict):
    problem = problems.FORM_OUT_OF_DATE


class ValuesNotValid(Invalid):
    """`errors` names field and rule, never the value."""

    problem = problems.VALUES_NOT_VALID


class ValueIsHeld(Invalid):
    """The applicant changed what an authoritative source vouches for; `fields` names it."""

    problem = problems.VALUE_IS_HELD


class MaterialsNotValid(Invalid):
    """`errors` names material and rule."""

    problem = problems.MATERIALS_NOT_VALID


class NoSuchFile(Invalid):
    problem = problems.FILE_NOT_FOUND


class FileIsNotAcceptable(Invalid):
    problem = problems.FILE_NOT_ACCEPTABLE


class CertificateUseRefused(Invalid):
    problem = problems.CERTIFICATE_REFUSED


class CorrectionIsNotAsAsked(Invalid):
    """`expected` names what the notice asks for."""

    problem = problems.CORRECTION_NOT_AS_ASKED


class ResultIsNotValid(Invalid):
    """`errors` names what the certificate lacks."""

    problem = problems.RESULT_NOT_VALID


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of the form. `source` is `applicant` or whoever vouches for it, since `at`."""

    name: str
    title: str
    value: Any
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateCopy:
    """The annotated copy 加注件 of a used certificate, as it was given."""

    certificate_id: CertificateId
    identifier: CertificateIdentifier
    content: Mapping[str, Any]
    annotation: str
    grade: str


@dataclass(frozen=True, slots=True)
class CaseMaterial:
    """A material of a case: a file, the copy of a certificate, or (neither) a commitment."""

    code: str
    name: str
    file_id: FileId | None = None
    copy: CertificateCopy | None = None


def held(source: str | None, profile: Profile) -> Sourced | None:
    """What the dictionary's `source` vouches for about this person, if we know that source."""
    name = _SOURCES.get(source or "")
    found: Sourced | None = getattr(profile, name) if name else None
    return found


def filled(definition: Definition, given: Mapping[str, Any], profile: Profile, *, at: datetime) -> tuple[FieldValue, ...]:
    """The whole form: what is vouched for from its source, the rest from the applicant.

    Raises: ValueIsHeld when a vouched value was changed, ValuesNotValid when the form is not filled in as required.
    """
    sourced = {name: found for name, source in definition.field_sources.items() if (found := held(source, profile))}
    changed = [name for name, found in sourced.items() if name in given and given[name] != found.value]
    if changed:
        raise ValueIsHeld(fields=changed)
    values = {**given, **{name: found.value for name, found in sourced.items()}}
    _check(definition.form_schema, values)
    return tuple(
        FieldValue(name, definition.field_titles.get(name, name), value, found.source, found.at)
        if (found := sourced.get(name))
        else FieldValue(name, definition.field_titles.get(name, name), value, APPLICANT, at)
        for name, value in values.items()
    )


def corrected(
    values: Sequence[FieldValue], definition: Definition, given: Mapping[str, Any], *, asked: Collection[str], at: datetime
) -> tuple[FieldValue, ...]:
    """The form with the asked fields replaced. Raises CorrectionIsNotAsAsked, ValueIsHeld, ValuesNotValid."""
    if set(given) != set(asked):
        raise CorrectionIsNotAsAsked(expected=sorted(asked))
    changed = [each.name for each in values if each.name in given and each.source != APPLICANT and given[each.name] != each.value]
    if changed:
        raise ValueIsHeld(fields=changed)
    merged = {each.name: each.value for each in values} | dict(given)
    _check(definition.form_schema, merged)
    kept = [each for each in values if each.name not in given]
    return (*kept, *(FieldValue(name, definition.field_titles.get(name, name), value, APPLICANT, at) for name, value in given.items()))


def _check(schema: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    errors = [
        {"field": ".".join(str(part) for part in error.path) or _subject(error.message), "rule": str(error.validator)}
        for error in Draft202012Validator(dict(schema)).iter_errors(dict(values))
    ]
    if errors:
        raise ValuesNotValid(errors=errors[:50])


def _subject(message: str) -> str:
    """The field that a rule on the whole form names: 'x' is a required property → x."""
    return message.split("'")[1] if message.count("'") >= 2 else "form"


def check_materials(wanted: Sequence[Material], given: Sequence[GivenMaterial]) -> None:
    """Raises MaterialsNotValid naming every material that is missing, unknown, doubled or given in a way it may not be."""
    known = {material.code: material for material in wanted}
    codes = [each.code for each in given]
    errors = [_error(code, "a material is given once") for code in sorted({code for code in codes if codes.count(code) > 1})]
    errors += [_error(code, "the matter asks for no such material") for code in codes if code not in known]
    errors += [_error(each.code, rule) for each in given if each.code in known and (rule := _wrong_way(known[each.code], each))]
    missing = [material.code for material in wanted if material.is_required and material.exemption not in _WAIVED]
    errors += [_error(code, "the material is required") for code in missing if code not in codes]
    if errors:
        raise MaterialsNotValid(errors=errors)


def check_correction(asked: Collection[str], wanted: Sequence[Material], given: Sequence[GivenMaterial]) -> None:
    """Raises CorrectionIsNotAsAsked, MaterialsNotValid."""
    if sorted(each.code for each in given) != sorted(asked):
        raise CorrectionIsNotAsAsked(expected=sorted(asked))
    known = {material.code: material for material in wanted}
    errors = [_error(each.code, rule) for each in given if each.code in known and (rule := _wrong_way(known[each.code], each))]
    if errors:
        raise MaterialsNotValid(errors=errors)


def check_notice(definition: Definition, asked_materials: Collection[str], asked_fields: Collection[str]) -> None:
    """A notice asks only for what the matter asks for. Raises MaterialsNotValid."""
    known = {material.code for material in definition.materials}
    errors = [_error(code, "the matter asks for no such material") for code in asked_materials if code not in known]
    errors += [{"field": name, "rule": "the form has no such field"} for name in asked_fields if name not in definition.field_titles]
    if errors:
        raise MaterialsNotValid(errors=errors)


def _wrong_way(material: Material, given: GivenMaterial) -> str | None:
    if material.exemption in _WAIVED:
        return "the material is not asked for: the city gets it by itself"
    if given.commitment and material.exemption != "commitment":
        return "a commitment does not replace this material"
    if given.certificate and material.certificate_type is None:
        return "no certificate replaces this material"
    return None


def _error(material: str, rule: str) -> dict[str, str]:
    return {"material": material, "rule": rule}


_MAGIC: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "application/pdf": b"%PDF-"}


def check_file(media_type: str, content: bytes) -> None:
    """Raises FileIsNotAcceptable for other types, and for content that is not what its type says."""
    magic = _MAGIC.get(media_type)
    if magic is None or not content.startswith(magic):
        raise FileIsNotAcceptable
