"""What a certificate may say: types, and contents that fit them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from chassis.errors import Invalid
from contracts.api.certificate import CertificateType
from contracts.problems import certificate as problems

_LARGEST_EXACT_INTEGER: Final = 2**53 - 1


class NoSuchType(Invalid):
    problem = problems.TYPE_NOT_FOUND


class ContentIsNotValid(Invalid):
    problem = problems.CONTENT_NOT_VALID


class TypesRefused(Invalid):
    """`errors` names row, column and rule of everything that is wrong."""

    problem = problems.TYPES_REFUSED


def errors_in(kinds: Sequence[CertificateType]) -> list[dict[str, str]]:
    """Every broken rule of an import: each code once, and a schema of the content that needs nothing from outside."""
    codes = [kind.code for kind in kinds]
    found = [_error(row, "code", "a code is given once") for row, code in enumerate(codes) if code in codes[:row]]
    for row, kind in enumerate(kinds):
        try:
            Draft202012Validator.check_schema(kind.fields)
        except SchemaError:
            found.append(_error(row, "fields", "fields are a JSON Schema"))
            continue
        if kind.fields.get("type") != "object" or not kind.fields.get("properties"):
            found.append(_error(row, "fields", "the schema is of an object and names its properties"))
        if any(name in {"$ref", "$dynamicRef"} for name in _names(kind.fields)):
            found.append(_error(row, "fields", "the schema refers to no other"))
    return found


def _error(row: int, column: str, rule: str) -> dict[str, str]:
    return {"table": "types", "row": str(row + 1), "column": column, "rule": rule}


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(each)


def known_to(schema: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `content` that the type knows."""
    return {name: value for name, value in content.items() if name in schema.get("properties", {})}


def faults(content: Mapping[str, Any], schema: Mapping[str, Any]) -> list[dict[str, str]]:
    """What keeps `content` from making a certificate of the type, by field and rule; members unknown to the type do not count."""
    known = known_to(schema, content)
    found = [
        {"field": ".".join(where) or "content", "rule": str(error.validator)}
        for error in Draft202012Validator(dict(schema)).iter_errors(known)
        for where in _places(error)
    ]
    found += [{"field": name, "rule": "exact"} for name, value in known.items() if _is_inexact(value)]
    return list({(each["field"], each["rule"]): each for each in found}.values())


def _places(error: ValidationError) -> list[list[str]]:
    """The path of what is wrong; a missing member has none of its own, so it is named here."""
    path = [str(part) for part in error.path]
    if error.validator != "required":
        return [path]
    return [[*path, name] for name in error.validator_value if name not in error.instance]


def _is_inexact(value: Any) -> bool:
    """Whether a number in it has no single form in JSON, and so no digest that everybody computes."""
    if isinstance(value, dict | list):
        return any(_is_inexact(each) for each in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) or (isinstance(value, int) and abs(value) > _LARGEST_EXACT_INTEGER)


def fitted(content: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `content` that the type knows. Raises ContentIsNotValid when one is missing or wrong."""
    if wrong := faults(content, schema):
        raise ContentIsNotValid(errors=wrong)
    return known_to(schema, content)


def out_by(issued_on: date, day: date) -> date:
    """The day of issue of a certificate that is out by `day`. Raises ContentIsNotValid for one of the future."""
    if issued_on > day:
        raise ContentIsNotValid(errors=[{"field": "issued_on", "rule": "not in the future"}])
    return issued_on
