"""Matters as rules: codes fit together, promises keep within the law, versions never change."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from chassis.errors import Forbidden, Invalid, NotFound
from contracts.api.catalogue import Element, FormField, Implementation, ImportCatalogue, Limit, Matter, Provenance
from contracts.problems import catalogue as problems
from contracts.problems import common
from contracts.rules import Told, rule
from services.catalogue.domain import guiding
from services.catalogue.domain.form_rules import broken_fields, broken_forms, issued_in
from services.catalogue.domain.levels import broken_levels

NOTICE: Final = "示例数据，不作办事依据 / illustrative, not guidance"
_DIVISION: Final = rule("division-unknown", "the division is known", "区划未登记")
_AREA: Final = rule("area-elsewhere", "the street or community lies in the division", "街道或村居不在该区划内")
_SCHEMA: Final = rule("field-schema", "the value is a JSON Schema that refers to no other", "取值应为不引用其他文件的 JSON Schema")
_TWICE: Final = rule("code-twice", "a code is given once", "编码不得重复")
_STATUTORY: Final = rule("matter-over-statutory", "a promise is not longer than the statutory limit", "承诺时限不得超过法定时限")
_IMMEDIATE: Final = rule("immediate-limit", "an immediate matter promises at most one working day", "即办件承诺时限不得超过一个工作日")
_SOURCE: Final = rule("source-unnamed", "an official element names its source", "标为官方的要素须写明出处")
_FIELD: Final = rule("field-unknown", "the field {name} is in the dictionary", "字段 {name} 不在字段字典中")
_CERTIFICATE: Final = rule(
    "exemption-certificate",
    "{code}: an exemption by certificate names its type, and only it does",
    "{code}：凭证照免交须写明证照类型，其他方式不得写",
)
_MATERIAL_TWICE: Final = rule("material-twice", "each material has a code of its own", "材料编码不得重复")
_IMPLEMENTATION_TWICE: Final = rule("implementation-twice", "an implementation is given once", "实施编码不得重复")
_BASIC_CODE: Final = rule("implementation-code", "{code} ends with the basic code", "{code} 应以基本编码结尾")
_LEVEL: Final = rule("implementation-level", "{code} is not above the matter's level", "{code} 的行使层级不得高于事项")
_AGENCY: Final = rule("agency-unknown", "the agency of {code} is known", "{code} 的实施主体未登记")
_NO_AREAS: Final[Mapping[str, str]] = {}
_WEAKEST_FIRST: Final[tuple[Provenance, ...]] = ("illustrative", "recalled", "official")


class NoSuchMatter(NotFound):
    problem = problems.MATTER_NOT_FOUND


class MatterNotInMandate(Forbidden):
    problem = common.MATTER_NOT_IN_MANDATE


class ImportRefused(Invalid):
    """`errors` names row, column and rule of everything that is wrong."""

    problem = problems.IMPORT_REFUSED


def provenance_of(matter: Matter) -> Provenance:
    """A matter is as sure as its weakest element."""
    questions = [each.provenance for each in matter.questions]
    said = {each.provenance for each in (*_stated(matter), *matter.materials, *matter.steps, *matter.results)}.union(
        questions, guiding.provenances(matter.guiding)
    )
    return next(each for each in _WEAKEST_FIRST if each in said)


def _stated(matter: Matter) -> list[Element | Limit]:
    """The elements that can name their source."""
    lists = (
        "basis",
        "conditions",
        "places",
        "hours",
        "contacts",
        "fees",
        "remedies",
        "rights",
        "duties",
        "intermediaries",
        "special_procedures",
    )
    alone = (matter.visit_reason, matter.quantity_limit, matter.commitment, matter.automatic, matter.city_wide_exception)
    local = [each for one in matter.implementations for each in _said_locally(one)]
    local += [each.reason for each in matter.asked_anyway]
    given = [each for each in alone if each is not None]
    return [
        *(each for name in lists for each in getattr(matter, name)),
        *given,
        matter.statutory,
        matter.promised,
        *local,
        *guiding.stated(matter.guiding),
    ]


def _said_locally(one: Implementation) -> list[Element | Limit]:
    lists = [each for said in (one.places, one.hours, one.contacts) for each in said or ()]
    alone = [each for each in (one.promised, one.reason) if each is not None]
    return [*lists, *alone, *(each.basis for each in one.delegations)]


def digest_of(matter: Matter, dictionary: Mapping[str, FormField]) -> bytes:
    """The same for the same content and the same fields of its form, whatever the order of their members."""
    return digest_of_content(matter.model_dump(mode="json"), [dictionary[name].model_dump(mode="json") for name in matter.form])


def digest_of_content(content: Mapping[str, Any], form: Sequence[Mapping[str, Any]]) -> bytes:
    """As `digest_of`, of what is rendered already."""
    return hashlib.sha256(json.dumps([content, form], sort_keys=True, ensure_ascii=False).encode()).digest()


def errors_in(
    document: ImportCatalogue,
    *,
    agencies: Collection[str],
    divisions: Collection[str],
    fields: Mapping[str, FormField],
    areas: Mapping[str, str] = _NO_AREAS,
    issued: Mapping[str, str] = _NO_AREAS,
) -> list[dict[str, str]]:
    """Every broken rule of a document, given what the catalogue and the document together know: `fields` is the dictionary,
    `areas` are those of agencies, `issued` what other matters than the document's issue, by name with the type of certificate."""
    found = list(_twice("divisions", [each.code for each in document.divisions]))
    found += _twice("agencies", [each.code for each in document.agencies])
    found += _twice("fields", [each.name for each in document.fields])
    found += _twice("matters", [each.basic_code for each in document.matters])
    for row, agency in enumerate(document.agencies):
        if agency.division not in divisions:
            found.append(_error("agencies", row, "division", _DIVISION.broken()))
        if agency.area is not None and not agency.area.startswith(agency.division):
            found.append(_error("agencies", row, "area", _AREA.broken()))
    for row, field in enumerate(document.fields):
        if not _is_schema(field.value):
            found.append(_error("fields", row, "value", _SCHEMA.broken()))
    found += [_error("fields", row, column, told) for row, column, told in broken_fields(document.fields, fields)]
    issued = {**issued, **issued_in(document.matters)}
    for row, matter in enumerate(document.matters):
        broken = errors_in_matter(matter, agencies=agencies, fields=fields, areas=areas, issued=issued)
        found += [{"table": "matters", "row": str(row + 1), **each} for each in broken]
    return found


def errors_in_matter(
    matter: Matter,
    *,
    agencies: Collection[str],
    fields: Mapping[str, FormField],
    areas: Mapping[str, str],
    issued: Mapping[str, str],
) -> list[dict[str, str]]:
    """Every broken rule of one matter, as `errors_in` names them. `issued` are names of what the city issues, with the type of
    certificate."""
    broken = (
        *_broken_limits(matter),
        *_broken_parts(matter, fields),
        *broken_forms(matter, fields, issued),
        *_broken_implementations(matter, agencies),
        *(("guiding", told) for told in guiding.faults_in(matter, fields=fields)),
    )
    return [said_of(column, told) for column, told in (*broken, *broken_levels(matter, areas))]


def said_of(column: str, told: Told) -> dict[str, str]:
    """What a refusal says of a broken rule."""
    return {"column": column, "rule": str(told), "code": told.code, "zh": told.zh}


def _is_schema(value: dict[str, Any]) -> bool:
    try:
        Draft202012Validator.check_schema(value)
    except SchemaError:
        return False
    return not any(f'"{name}"' in json.dumps(value) for name in ("$ref", "$dynamicRef"))


def _broken_limits(matter: Matter) -> Iterator[tuple[str, Told]]:
    if matter.promised.working_days > matter.statutory.working_days:
        yield "promised", _STATUTORY.broken()
    if matter.is_immediate and matter.promised.working_days > 1:
        yield "is_immediate", _IMMEDIATE.broken()
    if any(each.provenance == "official" and not each.source for each in _stated(matter)):
        yield "provenance", _SOURCE.broken()


def _broken_parts(matter: Matter, fields: Collection[str]) -> Iterator[tuple[str, Told]]:
    for name in sorted(set(matter.form) - set(fields)):
        yield "form", _FIELD.broken(name=name)
    for material in matter.materials:
        if (material.exemption == "certificate") != (material.certificate_type is not None):
            yield "materials", _CERTIFICATE.broken(code=material.code)
    if len({material.code for material in matter.materials}) != len(matter.materials):
        yield "materials", _MATERIAL_TWICE.broken()


def _broken_implementations(matter: Matter, agencies: Collection[str]) -> Iterator[tuple[str, Told]]:
    codes = [each.task_code for each in matter.implementations]
    if len(set(codes)) != len(codes):
        yield "implementations", _IMPLEMENTATION_TWICE.broken()
    for task_code in codes:
        if task_code.basic != matter.basic_code:
            yield "implementations", _BASIC_CODE.broken(code=task_code)
        if task_code.level < matter.level:
            yield "implementations", _LEVEL.broken(code=task_code)
        if task_code.agency not in agencies:
            yield "implementations", _AGENCY.broken(code=task_code)


def _twice(table: str, codes: list[Any]) -> Iterator[dict[str, str]]:
    for row, code in enumerate(codes):
        if code in codes[:row]:
            yield _error(table, row, "code", _TWICE.broken())


def _error(table: str, row: int, column: str, told: Told) -> dict[str, str]:
    return {"table": table, "row": str(row + 1), **said_of(column, told)}
