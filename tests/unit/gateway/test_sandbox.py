"""Stubs for parties in testing: each is what its document says, whoever asks and however often."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts import values
from gateway.proxy.answer import Answer
from gateway.registry import api_document
from gateway.sandbox import Sandbox
from gateway.sandbox.examples import example

_REAL = {"conformance:run", "own-party:read", "own-party:rotate"}
_DOCUMENTS = api_document.documents()
_EVERYTHING = [(service, *operation) for service, document in _DOCUMENTS.items() for operation in api_document.operations(document)]
_OPERATIONS = [each for each in _EVERYTHING if each[3]["x-tongban"]["permission"] not in _REAL]
_KINDS = {f"^{kind.PATTERN.pattern}$": kind for kind in vars(values).values() if isinstance(kind, type) and hasattr(kind, "PATTERN")}


class ControlPlane:
    """What must not be a stub arrives here."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        self.asked.append(f"{method} {target}")
        return Answer(200, [], b"real")


@pytest.fixture
def plane() -> ControlPlane:
    return ControlPlane()


@pytest.fixture
def sandbox(plane: ControlPlane) -> Sandbox:
    return Sandbox(_DOCUMENTS, plane)


def _schemas(service: str) -> dict[str, Any]:
    return _DOCUMENTS[service].get("components", {}).get("schemas", {})  # type: ignore[no-any-return]


def _request(service: str, path: str, operation: dict[str, Any], seed: str = "test") -> tuple[str, list[tuple[bytes, bytes]], bytes]:
    """A target, headers and a body that the document takes."""
    query = []
    for each in operation.get("parameters", ()):
        value = str(example(each["schema"], _schemas(service), f"{seed} {each['name']}", {}))
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", value)
        elif each["in"] == "query" and each.get("required"):
            query.append(f"{each['name']}={value}")
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = json.dumps(example(content["application/json"]["schema"], _schemas(service), seed, {})).encode()
        return "?".join((path, "&".join(query))), [(b"content-type", b"application/json")], body
    media_type = next(iter(content), "")
    return "?".join((path, "&".join(query))), [(b"content-type", media_type.encode())] if media_type else [], b"x"


def _check_values(schema: Any, schemas: dict[str, Any], value: Any) -> None:
    """Whoever writes a value type into an answer must write one that exists."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, str) and schema.get("pattern") in _KINDS:
        _KINDS[schema["pattern"]](value)
    for name, each in schema.get("properties", {}).items():
        if isinstance(value, dict) and name in value:
            _check_values(each, schemas, value[name])
    if isinstance(value, list):
        for each in value:
            _check_values(schema.get("items", {}), schemas, each)
    for each in (part for part in schema.get("anyOf", ()) if value is not None and part.get("type") != "null"):
        _check_values(each, schemas, value)
        break


@pytest.mark.parametrize(("service", "method", "path", "operation"), _OPERATIONS, ids=[f"{each[1]} {each[2]}" for each in _OPERATIONS])
async def test_every_registered_resource_is_answered_as_its_document_says(
    sandbox: Sandbox, service: str, method: str, path: str, operation: dict[str, Any]
) -> None:
    target, headers, body = _request(service, path, operation)
    answer = await sandbox.ask(method, target, headers, body)
    assert isinstance(answer, Answer)
    assert str(answer.status) in operation["responses"], answer.body
    assert (b"sandbox", b"true") in answer.headers
    assert not [name for name, _ in answer.headers if name.startswith(b"tongban-")]
    content = operation["responses"][str(answer.status)].get("content", {})
    if "application/json" in content:
        schema, said = content["application/json"].get("schema", {}), json.loads(answer.body)
        Draft202012Validator({**schema, "components": {"schemas": _schemas(service)}}, format_checker=FormatChecker()).validate(said)
        _check_values(schema, _schemas(service), said)
    assert (await sandbox.ask(method, target, headers, body)) == answer, "the same question, the same answer"


def test_no_example_is_of_a_place_that_exists() -> None:
    for service, _, path, operation in _OPERATIONS:
        text = str(_request(service, path, operation))
        for resident in (each for each in text.replace("'", '"').split('"') if values.ResidentId.read(each)):
            assert resident.startswith("319999")


async def test_another_case_is_another_answer_and_repeats_its_number(sandbox: Sandbox) -> None:
    schema = {"pattern": f"^{values.CaseNumber.PATTERN.pattern}$", "type": "string"}
    said = []
    for number in (str(example(schema, {}, seed, {})) for seed in ("one", "another")):
        answer = await sandbox.ask("GET", f"/cases/{number}", [], b"")
        assert isinstance(answer, Answer)
        case = json.loads(answer.body)
        assert case["number"] == number
        said.append(case)
    assert said[0]["submitted_at"] != said[1]["submitted_at"]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"{", b"application/json", 400, "malformed-body"),
        (b'{"outcome": "grant", "outcome": "refuse"}', b"application/json", 400, "malformed-body"),
        (b'{"outcome": "maybe"}', b"application/json", 422, "invalid-request"),
        (b'{"outcome": "grant", "more": 1}', b"application/json", 422, "invalid-request"),
        (b'{"outcome": "grant"}', b"text/plain", 415, "unsupported-media-type"),
    ],
)
async def test_what_a_service_would_refuse_is_refused(sandbox: Sandbox, body: bytes, media_type: bytes, status: int, code: str) -> None:
    number = str(example({"pattern": f"^{values.CaseNumber.PATTERN.pattern}$", "type": "string"}, {}, "a", {}))
    answer = await sandbox.ask("POST", f"/cases/{number}/decision", [(b"content-type", media_type)], body)
    assert isinstance(answer, Answer)
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)


async def test_a_path_that_is_no_case_is_refused(sandbox: Sandbox) -> None:
    answer = await sandbox.ask("GET", "/cases/1", [], b"")
    assert isinstance(answer, Answer)
    assert (answer.status, json.loads(answer.body)["errors"]) == (422, [{"field": "path.number", "rule": "schema"}])


async def test_what_is_about_the_party_itself_is_real(sandbox: Sandbox, plane: ControlPlane) -> None:
    for method, target in (("POST", "/conformance-runs"), ("GET", "/parties/own"), ("POST", "/parties/own/keys")):
        answer = await sandbox.ask(method, target, [], b"")
        assert isinstance(answer, Answer)
        assert answer.body == b"real"
    assert plane.asked == ["POST /conformance-runs", "GET /parties/own", "POST /parties/own/keys"]
