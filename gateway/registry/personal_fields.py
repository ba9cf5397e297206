"""Which fields of an operation's answers tell of a person: what the contracts mark, as the committed documents say it."""

from collections.abc import Iterator
from typing import Any, Final

from contracts.personal import KEYWORD, Form

ANY: Final = "*"
"""In a path, every member of an object whose members have no names of their own."""


def personal_fields(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """`applicant/name:name`: path and form of every marked field of the answers, in order. Arrays are not in the path."""
    schemas = document.get("components", {}).get("schemas", {})
    found: set[str] = set()
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for body in answer.get("content", {}).values():
                found.update(_marked(body.get("schema", {}), schemas, "", frozenset()))
    return sorted(found)


def _marked(schema: dict[str, Any], schemas: dict[str, Any], path: str, above: frozenset[str]) -> Iterator[str]:
    if form := schema.get(KEYWORD):
        yield f"{path[1:]}:{form}"
        return
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        if name in above:
            # What holds itself has no last path: all that is inside is masked by what it looks like.
            yield f"{path[1:]}:{Form.VALUE}"
            return
        yield from _marked(schemas[name], schemas, path, above | {name})
    for field, inner in schema.get("properties", {}).items():
        yield from _marked(inner, schemas, f"{path}/{field}", above)
    if isinstance(inner := schema.get("additionalProperties"), dict):
        yield from _marked(inner, schemas, f"{path}/{ANY}", above)
    if isinstance(inner := schema.get("items"), dict):
        yield from _marked(inner, schemas, path, above)
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _marked(inner, schemas, path, above)
