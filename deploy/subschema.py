"""Whether every value that one JSON Schema describes fits another, as far as our documents use JSON Schema."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

Schema = dict[str, Any]

_FLOORS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT: Final = ("pattern", "format", "multipleOf", "uniqueItems")


@dataclass(frozen=True, slots=True)
class Reading:
    """The documents in which references of writer and reader are found, and the place where we are.

    `keeps_fields`: a field that the reader knows may not disappear, although its schema would let it.
    """

    writer: Schema
    reader: Schema
    where: str
    keeps_fields: bool = False
    seen: frozenset[tuple[str, str]] = frozenset()

    def at(self, part: str) -> "Reading":
        return replace(self, where=f"{self.where}.{part}")


def unfit(reading: Reading, writer: Schema, reader: Schema) -> list[str]:
    """Sentences about values of `writer` that `reader` does not accept."""
    pair = (writer.get("$ref", ""), reader.get("$ref", ""))
    if all(pair):
        if pair in reading.seen:
            return []
        reading = replace(reading, seen=reading.seen | {pair})
    written, accepted = _alternatives(writer, reading.writer), _alternatives(reader, reading.reader)
    return [said for each in written for said in _best(reading, each, accepted)]


def _alternatives(schema: Schema, document: Schema) -> list[Schema]:
    """The schema without references, as the list of its alternatives."""
    if "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return _alternatives(found, document)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [alternative for each in schema[word] for alternative in _alternatives(each, document)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": kind} for kind in schema["type"]]
    return [schema]


def _best(reading: Reading, writer: Schema, accepted: list[Schema]) -> list[str]:
    """Nothing if one alternative of the reader takes it, otherwise the objection of the nearest one."""
    objections = [list(_objections(reading, writer, each)) for each in accepted if each.get("type") in {None, writer.get("type")}]
    if not objections:
        return [f"{reading.where} may be {_kind(writer)}, not only {' or '.join(map(_kind, accepted))}"]
    return min(objections, key=len)


def _kind(schema: Schema) -> str:
    return str(schema.get("type", "anything"))


def _objections(reading: Reading, writer: Schema, reader: Schema) -> Iterator[str]:
    yield from _values(reading, writer, reader)
    yield from _bounds(reading, writer, reader)
    if reader.get("type") == "object":
        yield from _fields(reading, writer, reader)
    if "items" in reader and writer.get("type") == "array":
        yield from unfit(reading.at("[]"), writer.get("items", {}), reader["items"])


def _values(reading: Reading, writer: Schema, reader: Schema) -> Iterator[str]:
    accepted = _enumerated(reader)
    if accepted is None:
        return
    written = _enumerated(writer)
    if written is None:
        yield f"{reading.where} may be more than {accepted}"
    else:
        yield from (f"{reading.where} may be {value!r}" for value in written if value not in accepted)


def _enumerated(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _bounds(reading: Reading, writer: Schema, reader: Schema) -> Iterator[str]:
    for word in _FLOORS:
        if word in reader and _enumerated(writer) is None and writer.get(word, float("-inf")) < reader[word]:
            yield f"{reading.where} may be below {word} {reader[word]}"
    for word in _CEILINGS:
        if word in reader and _enumerated(writer) is None and writer.get(word, float("inf")) > reader[word]:
            yield f"{reading.where} may be above {word} {reader[word]}"
    for word in _EXACT:
        if word in reader and writer.get(word) != reader[word]:
            yield f"{reading.where} has another {word} than {reader[word]}"


def _fields(reading: Reading, writer: Schema, reader: Schema) -> Iterator[str]:
    written, known = writer.get("properties", {}), reader.get("properties", {})
    for name in sorted(set(reader.get("required", ())) - set(writer.get("required", ()))):
        yield f"{reading.where}.{name} may be missing"
    for name, schema in known.items():
        if name in written:
            yield from unfit(reading.at(name), written[name], schema)
        elif reading.keeps_fields and name not in reader.get("required", ()):
            yield f"{reading.where}.{name} is gone"
    others = reader.get("additionalProperties", True)
    if others is False:
        yield from (f"{reading.where}.{name} is not accepted" for name in written if name not in known)
    elif isinstance(others, dict) and isinstance(writer.get("additionalProperties"), dict):
        yield from unfit(reading.at("*"), writer["additionalProperties"], others)
