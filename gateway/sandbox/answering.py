"""Answers in place of the services: a request is judged by its document, and met with an example of what the document says."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from chassis.errors import MalformedBody
from chassis.http import strict_json
from contracts import problems
from contracts.problems import ProblemType, common
from contracts.problems import gateway as gateway_problems
from gateway.decision import Deny
from gateway.proxy.answer import Answer, Behind
from gateway.sandbox.examples import example
from gateway.snapshot import Resource, RouteTable

Headers = list[tuple[bytes, bytes]]

_JSON: Final = "application/json"
_ERRORS_SHOWN: Final = 20
_MARK: Final = (b"sandbox", b"true")
_REAL: Final = frozenset({"conformance:run", "own-party:read", "own-party:rotate"})
"""What a party in testing does for real: what is about itself."""


@dataclass(frozen=True)
class _Operation:
    """One operation of a document, with the components it refers to."""

    service: str
    name: str
    said: Mapping[str, Any]
    schemas: Mapping[str, Any]

    @cached_property
    def body(self) -> Validator | None:
        schema = self.said.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema")
        return self.validator(schema) if schema is not None else None

    @cached_property
    def media_types(self) -> frozenset[str]:
        return frozenset(self.said.get("requestBody", {}).get("content", {}))

    @cached_property
    def parameters(self) -> list[tuple[Mapping[str, Any], Validator]]:
        return [(each, self.validator(each["schema"])) for each in self.said.get("parameters", ())]

    def validator(self, schema: Mapping[str, Any]) -> Validator:
        return Draft202012Validator({**schema, "components": {"schemas": self.schemas}})

    def success(self) -> tuple[int, Mapping[str, Any]]:
        """The status of success and its content by media type."""
        status = min(each for each in self.said["responses"] if each.startswith("2"))
        return int(status), self.said["responses"][status].get("content", {})


class Sandbox:
    """`documents` are the services' OpenAPI documents; `real` is the control plane, for what is about the party itself."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], real: Behind) -> None:
        self._real = real
        self._operations: dict[str, _Operation] = {}
        routes = []
        for service, document in documents.items():
            schemas = document.get("components", {}).get("schemas", {})
            for path, operations in document["paths"].items():
                for method, said in operations.items():
                    guard = said.get("x-tongban") or {}
                    if guard.get("audience", "internal") == "internal":
                        continue
                    resource = Resource(service, method.upper(), path, guard["permission"] or "", guard["audience"], 0, None, 0)
                    self._operations[resource.name] = _Operation(service, resource.name, said, schemas)
                    routes.append(resource)
        self._routes = RouteTable(routes)

    async def ask(self, method: str, target: str, headers: Headers, body: bytes) -> Answer | Deny:
        path, _, query = target.partition("?")
        found = self._routes.find(method, path)
        if found.resource is None:
            return Deny(gateway_problems.RESOURCE_NOT_REGISTERED, "sandbox")
        if found.resource.permission in _REAL:
            return await self._real.ask(method, target, headers, body)
        operation = self._operations[found.resource.name]
        given = {name: unquote(value) for name, value in found.parameters.items()}
        refused = _check_parameters(operation, given, query) or _check_body(operation, headers, body)
        return refused or _success(operation, given)


def _success(operation: _Operation, given: Mapping[str, str]) -> Answer:
    status, content = operation.success()
    if _JSON in content:
        seed = " ".join((operation.name, *(f"{name}={value}" for name, value in sorted(given.items()))))
        said = example(content[_JSON].get("schema", {}), operation.schemas, seed, given)
        return Answer(status, [(b"content-type", _JSON.encode()), _MARK], json.dumps(said, ensure_ascii=False).encode())
    if not content:
        return Answer(status, [_MARK], b"")
    media_type = next(iter(content))
    return Answer(status, [(b"content-type", media_type.encode()), _MARK], b"sandbox")


def _check_parameters(operation: _Operation, given: Mapping[str, str], query: str) -> Answer | None:
    asked = dict(parse_qsl(query, keep_blank_values=True))
    errors: list[dict[str, str]] = []
    for parameter, validator in operation.parameters:
        name, place = parameter["name"], parameter["in"]
        if place not in {"path", "query"}:
            continue
        text = (given if place == "path" else asked).get(name)
        if text is None:
            if parameter.get("required"):
                errors.append({"field": f"{place}.{name}", "rule": "missing"})
        elif not any(validator.is_valid(value) for value in _readings(text)):
            errors.append({"field": f"{place}.{name}", "rule": "schema"})
    return _refused(common.INVALID_REQUEST, errors=errors) if errors else None


def _readings(text: str) -> Iterator[Any]:
    """What a text in a path or a query may stand for."""
    yield text
    if text.lstrip("-").isdecimal() and len(text) < 20:
        yield int(text)
    if text in {"true", "false"}:
        yield text == "true"
    yield [text]


def _check_body(operation: _Operation, headers: Headers, body: bytes) -> Answer | None:
    if not operation.media_types:
        return None
    said = next((value.decode("latin-1") for name, value in headers if name == b"content-type"), "")
    media_type = said.partition(";")[0].strip().lower()
    if media_type not in operation.media_types:
        return _refused(common.UNSUPPORTED_MEDIA_TYPE)
    if operation.body is None or media_type != _JSON:
        return None
    try:
        value = strict_json.parse(body)
    except MalformedBody as reason:
        return _refused(reason.problem, detail=reason.detail)
    errors = [
        {"field": ".".join(("body", *(str(part) for part in error.absolute_path))), "rule": str(error.validator)}
        for _, error in zip(range(_ERRORS_SHOWN), operation.body.iter_errors(value), strict=False)
    ]
    return _refused(common.INVALID_REQUEST, errors=errors) if errors else None


def _refused(problem: ProblemType, **more: Any) -> Answer:
    body = json.dumps(problems.body(problem, **more), ensure_ascii=False).encode()
    return Answer(problem.status, [(b"content-type", problems.MEDIA_TYPE.encode()), _MARK], body)
