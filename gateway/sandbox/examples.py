"""One example of a JSON Schema: always the same for the same seed, and valid in the eyes of our own value types too."""

import hashlib
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from contracts import values
from contracts.values import credit_check, organisation_check, resident_check
from gateway.sandbox.patterns import text_of

_DEPTH: Final = 8
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_DIVISION: Final = "319999"
_TEXT: Final = "沙箱示例 sandbox example"


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any], seed: str, known: Mapping[str, str]) -> Any:
    """`schemas` are the components that it may refer to; `known` are path parameters, which answers repeat by their name."""
    return _Example(schemas, known).of(schema, seed, 0)


class _Example:
    def __init__(self, schemas: Mapping[str, Any], known: Mapping[str, str]) -> None:
        self._schemas = schemas
        self._known = known

    def of(self, schema: Mapping[str, Any], seed: str, depth: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][_number(seed) % len(schema["enum"])]
        for several in ("anyOf", "oneOf"):
            if several in schema:
                chosen = [each for each in schema[several] if each.get("type") != "null"] or [{"type": "null"}]
                return self.of(chosen[0], seed, depth)
        if "allOf" in schema:
            return self.of({name: value for part in schema["allOf"] for name, value in self._resolved(part).items()}, seed, depth)
        make = self._MAKERS.get(schema.get("type", "object"))
        return make(self, schema, seed, depth) if make else None

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _object(self, schema: Mapping[str, Any], seed: str, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        made = {}
        for name, each in schema.get("properties", {}).items():
            if depth == 0 and name in self._known:
                text = self._known[name]
                made[name] = int(text) if self._resolved(each).get("type") == "integer" else text
            elif depth < _DEPTH or name in required:
                made[name] = self.of(each, f"{seed}/{name}", depth + 1)
        for place in range(schema.get("minProperties", 0) - len(made)):
            name = self.of({"type": "string", **schema.get("propertyNames", {})}, f"{seed}/name {place}", depth + 1)
            made[name] = self.of(schema.get("additionalProperties", {"type": "string"}), f"{seed}/{name}", depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], seed: str, depth: int) -> list[Any]:
        length = max(schema.get("minItems", 0), 1 if depth < _DEPTH and schema.get("maxItems", 1) > 0 else 0)
        prefix = schema.get("prefixItems", [])
        items = [*prefix, *[schema.get("items", {"type": "string"})] * max(0, length - len(prefix))]
        return [self.of(each, f"{seed}/{index}", depth + 1) for index, each in enumerate(items)]

    def _string(self, schema: Mapping[str, Any], seed: str, _: int) -> str:
        if make := _FORMATS.get(schema.get("format", "")):
            return make(seed)
        if pattern := schema.get("pattern"):
            make = _VALUES.get(pattern)
            return make(seed) if make else text_of(pattern, random.Random(seed))
        text = _TEXT[: schema.get("maxLength", len(_TEXT))]
        return text.ljust(schema.get("minLength", 0), "例")

    def _integer(self, schema: Mapping[str, Any], seed: str, _: int) -> int:
        least = int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 1))
        most = int(schema.get("maximum", least + 9))
        return least + _number(seed) % (max(most, least) - least + 1) if most - least < 100 else least

    def _decimal(self, schema: Mapping[str, Any], seed: str, depth: int) -> float:
        return float(self._integer(schema, seed, depth))

    def _boolean(self, _: Mapping[str, Any], seed: str, __: int) -> bool:
        return bool(_number(seed) % 2)

    _MAKERS: Final[Mapping[str, Callable[..., Any]]] = {
        "object": _object,
        "array": _array,
        "string": _string,
        "integer": _integer,
        "number": _decimal,
        "boolean": _boolean,
    }


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6])


def _digits(seed: str, count: int) -> str:
    return f"{_number(seed) % 10**count:0{count}d}"


def _instant(seed: str) -> str:
    return (_BEGIN + timedelta(seconds=_number(seed) % (200 * 86400))).isoformat().replace("+00:00", "Z")


def _day(seed: str) -> str:
    return (date(2026, 1, 1) + timedelta(days=_number(seed) % 200)).isoformat()


def _id(seed: str) -> str:
    return str(UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=5))


def _credit_code(seed: str) -> str:
    organisation = f"TE5T{_digits(seed, 4)}"
    body = f"11{_DIVISION}{organisation}{organisation_check(organisation)}"
    return body + credit_check(body)


def _resident_id(seed: str) -> str:
    body = f"{_DIVISION}{1950 + _number(seed) % 50}0{1 + _number(seed) % 9}1{_digits(seed, 1)}{_digits(seed, 3)}"
    return body + resident_check(body)


def _task_code(seed: str) -> str:
    return f"{_credit_code(seed)}43101{_digits(seed, 8)}"


def _certificate_identifier(seed: str) -> str:
    issuer = values.CreditCode(_credit_code(seed))
    return values.CertificateIdentifier.of(values.CertificateTypeCode(f"{issuer}001"), issuer, f"S{_digits(seed, 6)}", 1)


_FORMATS: Final[Mapping[str, Callable[[str], str]]] = {
    "date-time": _instant,
    "date": _day,
    "binary": lambda _: "",
    "uuid": _id,
    "uri": lambda _: "https://sandbox.invalid/",
}
_MAKERS: Final[Mapping[type[values.Value], Callable[[str], str]]] = {
    values.Id: _id,
    values.CreditCode: _credit_code,
    values.DivisionCode: lambda _: _DIVISION,
    values.ResidentId: _resident_id,
    values.Phone: lambda seed: f"1990000{_digits(seed, 4)}",
    values.PersonName: lambda _: "沙箱",
    values.OfficerId: lambda seed: f"sandbox-{_digits(seed, 3)}",
    values.BasicCode: lambda seed: _task_code(seed)[19:],
    values.TaskCode: _task_code,
    values.TaskItemCode: lambda seed: f"{_task_code(seed)}01",
    values.CaseNumber: lambda seed: f"{_task_code(seed)}20260{1 + _number(seed) % 9}1{_digits(seed, 1)}{_digits(seed, 6)}",
    values.PackageNumber: lambda seed: f"YJS{_DIVISION}20260{1 + _number(seed) % 9}1{_digits(seed, 1)}{_digits(seed, 8)}",
    values.CertificateTypeCode: lambda seed: f"{_credit_code(seed)}001",
    values.CertificateIdentifier: _certificate_identifier,
}
_VALUES: Final = {f"^{kind.PATTERN.pattern}$": make for kind, make in _MAKERS.items()}
"""The pattern by which a document knows a value type → what makes one, check characters included."""
