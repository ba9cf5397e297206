"""What a submission must hold: values that fit the form, sourced values from their source, materials given as they may be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jsonschema import Draft202012Validator

from chassis.errors import Conflict, Invalid, NotFound
from contracts.api.application import GivenMaterial
from contracts.api.catalogue import Definition, Material
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile, Sourced
from contracts.problems import application as problems
from services.application.domain.materials import GOT_BY_THE_CITY
from services.application.domain.sources import fresh, held, is_obtained, shown

APPLICANT: Final = "applicant"
_WAIVED: Final = frozenset(GOT_BY_THE_CITY)


class FormIsOutOfDate(Conflict):
    """`version` is the published one, `changed` what it asks otherwise than the one that was filled in."""

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


class NotAFileOfTheCase(NotFound):
    problem = problems.NOT_A_FILE_OF_THE_CASE


class ApplicantHasNoResidentNumber(Conflict):
    """The certificate that the matter ends in is found by its holder's resident number."""

    problem = problems.RESIDENT_NUMBER_NEEDED


class NoMandateAtHand(Invalid):
    problem = problems.NO_MANDATE_AT_HAND


class ApplicantIsNotKnown(Invalid):
    problem = problems.APPLICANT_NOT_KNOWN


class PresenceIsNotProven(Conflict):
    """No officer of the agency has checked the applicant at a window lately."""

    problem = problems.PRESENCE_NOT_PROVEN


class MatterIsNotJudged(NotFound):
    problem = problems.MATTER_NOT_JUDGED


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
    """A value of the form. `source` is `applicant` or whoever vouches for it, since `at`; then `basis` is what it is taken on."""

    name: str
    title: str
    value: Any
    source: str
    at: datetime
    basis: str | None = None


def check_applicant(definition: Definition, applicant: Profile | OrganisationProfile) -> None:
    """Raises ApplicantHasNoResidentNumber."""
    is_without = isinstance(applicant, Profile) and applicant.resident_id is None
    if definition.result_certificate_type is not None and is_without:
        raise ApplicantHasNoResidentNumber


def filled(
    definition: Definition, given: Mapping[str, Any], profile: Profile | OrganisationProfile, *, at: datetime
) -> tuple[FieldValue, ...]:
    """The whole form: what is vouched for from its source, the rest from the applicant, who may repeat a value as it is shown.
    What was vouched for too long ago is the applicant's to say.

    Raises: ValueIsHeld when a vouched value was changed, ValuesNotValid when the form is not filled in as required.
    """
    sourced = {name: found for name in definition.field_sources if (found := fresh(definition, name, profile, at=at))}
    known = {name: (found.value, shown(definition.field_sources[name], found.value, profile)) for name, found in sourced.items()}
    changed = [name for name, texts in known.items() if name in given and given[name] not in texts]
    changed += [name for name, source in definition.field_sources.items() if name in given and is_obtained(source)]
    if changed:
        raise ValueIsHeld(fields=changed)
    _check_said_anew(definition, given, profile, sourced)
    values = {**given, **{name: found.value for name, found in sourced.items()}}
    _check(definition.form_schema, values)
    return tuple(
        FieldValue(name, definition.field_titles.get(name, name), value, found.source, found.at, definition.basis)
        if (found := sourced.get(name))
        else FieldValue(name, definition.field_titles.get(name, name), value, APPLICANT, at)
        for name, value in values.items()
    )


def _check_said_anew(
    definition: Definition, given: Mapping[str, Any], profile: Profile | OrganisationProfile, sourced: Mapping[str, Sourced]
) -> None:
    """Whoever repeats the mask of what is too old has not said it anew. Raises ValuesNotValid."""
    for name in given.keys() & definition.field_sources.keys() - sourced.keys():
        found = held(definition.field_sources[name], profile)
        if found and found.value != given[name] == shown(definition.field_sources[name], found.value, profile):
            raise ValuesNotValid(errors=[{"field": name, "rule": "said-anew"}])


def corrected(
    values: Sequence[FieldValue], definition: Definition, given: Mapping[str, Any], *, asked: Collection[str], at: datetime
) -> tuple[FieldValue, ...]:
    """The form with the asked fields replaced. Raises CorrectionIsNotAsAsked, ValueIsHeld, ValuesNotValid."""
    if set(given) != set(asked):
        raise CorrectionIsNotAsAsked(expected=sorted(asked))
    vouched = {each.name: each for each in values if each.source != APPLICANT}
    changed = [name for name, each in vouched.items() if name in given and given[name] != each.value]
    if changed:
        raise ValueIsHeld(fields=changed)
    _check(definition.form_schema, {each.name: each.value for each in values} | dict(given))
    fresh = {
        name: FieldValue(name, definition.field_titles.get(name, name), value, APPLICANT, at)
        for name, value in given.items()
        if name not in vouched
    }
    return (*(fresh.pop(each.name, each) for each in values), *fresh.values())


def result_of(values: Sequence[FieldValue], added: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate can say: the form, and what only the agency knows. Raises ResultIsNotValid when that changes the form."""
    form = {each.name: each.value for each in values}
    if changed := [name for name, value in added.items() if name in form and form[name] != value]:
        raise ResultIsNotValid(errors=[_field_error(name, "in-the-form") for name in changed])
    return dict(added) | form


def _check(schema: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    errors = [
        {"field": ".".join(str(part) for part in error.path) or _subject(error.message), "rule": str(error.validator)}
        for error in Draft202012Validator(dict(schema), format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(dict(values))
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
    errors = [_error(code, "given-twice") for code in _doubled(codes)]
    errors += [_error(code, "not-asked-for") for code in codes if code not in known]
    errors += [_error(each.code, rule) for each in given if each.code in known and (rule := _wrong_way(known[each.code], each))]
    missing = [material.code for material in wanted if material.is_required and material.exemption not in _WAIVED]
    errors += [_error(code, "required") for code in missing if code not in codes]
    if errors:
        raise MaterialsNotValid(errors=errors)


def check_nothing_else(definitions: Iterable[Definition], values: Mapping[str, Any], given: Sequence[GivenMaterial]) -> None:
    """Of what is said once for several matters, every value and material is asked for by one of them. Raises ValuesNotValid,
    MaterialsNotValid."""
    fields: set[str] = set()
    codes: set[str] = set()
    for each in definitions:
        fields |= set(each.form_schema.get("properties", ()))
        codes |= {material.code for material in each.materials}
    if unasked := sorted(set(values) - fields):
        raise ValuesNotValid(errors=[{"field": name, "rule": "additionalProperties"} for name in unasked])
    if other := sorted({each.code for each in given} - codes):
        raise MaterialsNotValid(errors=[_error(code, "not-asked-for") for code in other])


def check_corrected_materials(asked: Collection[str], wanted: Sequence[Material], given: Sequence[GivenMaterial]) -> None:
    """Raises CorrectionIsNotAsAsked, MaterialsNotValid."""
    if sorted(each.code for each in given) != sorted(asked):
        raise CorrectionIsNotAsAsked(expected=sorted(asked))
    check_given(wanted, given)


def check_given(wanted: Sequence[Material], given: Sequence[GivenMaterial]) -> None:
    """Of materials that the matter asks for. Raises MaterialsNotValid."""
    known = {material.code: material for material in wanted}
    errors = [_error(each.code, rule) for each in given if (rule := _wrong_way(known[each.code], each))]
    if errors:
        raise MaterialsNotValid(errors=errors)


def check_notice(definition: Definition, values: Sequence[FieldValue], asked_materials: Sequence[str], asked_fields: Sequence[str]) -> None:
    """A notice asks once for what the applicant can supply: it cannot be taken back. Raises MaterialsNotValid."""
    known = {material.code: material for material in definition.materials}
    vouched = {each.name for each in values if each.source != APPLICANT}
    errors = [_error(code, "asked-twice") for code in _doubled(asked_materials)]
    errors += [_error(code, "not-asked-for") for code in asked_materials if code not in known]
    errors += [_error(code, "got-by-the-city") for code in asked_materials if code in known and known[code].exemption in _WAIVED]
    errors += [_field_error(name, "asked-twice") for name in _doubled(asked_fields)]
    errors += [_field_error(name, "no-such-field") for name in asked_fields if name not in definition.field_titles]
    errors += [_field_error(name, "vouched-for") for name in asked_fields if name in vouched]
    unasked = {name for name, source in definition.field_sources.items() if is_obtained(source)} - vouched
    errors += [_field_error(name, "obtained") for name in asked_fields if name in unasked]
    if errors:
        raise MaterialsNotValid(errors=errors)


def _doubled(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _wrong_way(material: Material, given: GivenMaterial) -> str | None:
    if material.exemption in _WAIVED:
        return None if given.because else "got-by-the-city"
    if given.deferred and not material.deferrable_days:
        return "not-deferrable"
    if given.commitment and material.exemption != "commitment":
        return "no-commitment"
    if given.certificate and material.certificate_type is None:
        return "no-certificate"
    return None


# Rule → how it reads in both languages. The codes never change.
_RULES: Final = {
    "given-twice": ("同一材料只能提交一次", "a material is given once"),
    "asked-twice": ("同一内容只能告知一次", "the same thing is asked for once"),
    "not-asked-for": ("事项不要求该材料", "the matter asks for no such material"),
    "required": ("缺少必要材料", "the material is required"),
    "got-by-the-city": ("该材料无需申请人提交", "the city gets the material by itself"),
    "no-commitment": ("该材料不适用告知承诺", "a commitment does not replace this material"),
    "not-deferrable": ("该材料不适用容缺后补", "the material may not follow later"),
    "no-certificate": ("该材料不能以电子证照代替", "no certificate replaces this material"),
    "no-such-field": ("表单没有该字段", "the form has no such field"),
    "vouched-for": ("该信息由权威来源提供，申请人不能修改", "its source vouches for the value, which the applicant cannot change"),
    "obtained": ("该信息由办件自行获取，无需申请人填写", "the case gets the value by itself, and nobody types it"),
    "in-the-form": ("表单已填写该字段，不能改动", "the form says it already, and it is not changed"),
}


def _error(material: str, rule: str) -> dict[str, str]:
    zh, en = _RULES[rule]
    return {"material": material, "rule": rule, "zh": zh, "en": en}


def _field_error(field: str, rule: str) -> dict[str, str]:
    zh, en = _RULES[rule]
    return {"field": field, "rule": rule, "zh": zh, "en": en}
