"""The one OpenAPI document: whole, without doubles, and saying of each operation who may call it and how."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest

from contracts.topics import SERVICES
from gateway.registry import api_document, api_pages
from gateway.registry.queries.search import services

DOCUMENT: Final = api_document.merged()
_METHODS: Final = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def every(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from every(each)


def all_operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_has_the_shape_of_openapi_3_1() -> None:
    """Source: OpenAPI 3.1.0, sections 4.8.1, 4.8.8 to 4.8.10, 4.8.27."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert set(DOCUMENT["components"]) <= {"schemas", "responses", "securitySchemes"}
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for kind in DOCUMENT["components"].values() for name in kind)
    for path, method, operation in all_operations():
        assert path.startswith("/")
        assert method in _METHODS, path
        assert operation["responses"], path
        assert all(re.fullmatch(r"[1-5](?:[0-9]{2}|XX)|default", status) for status in operation["responses"]), path
        named = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
        assert sorted(named) == sorted(re.findall(r"\{([^}]+)\}", path)), path
        assert all(each["required"] for each in operation.get("parameters", []) if each["in"] == "path"), path


def test_every_reference_leads_somewhere() -> None:
    found = [each["$ref"] for each in every(DOCUMENT) if isinstance(each.get("$ref"), str)]
    assert found
    for reference in found:
        at: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]


def test_every_operation_has_a_name_of_its_own() -> None:
    names = Counter(operation["operationId"] for _, _, operation in all_operations())
    assert [name for name, times in names.items() if times > 1] == []


def test_all_that_may_be_reached_is_there_and_nothing_else() -> None:
    declared = {(path, method.lower()) for each in api_document.documents().values() for method, path, _ in api_document.operations(each)}
    assert {(path, method) for path, method, _ in all_operations()} == declared
    assert {operation["x-tongban"]["audience"] for _, _, operation in all_operations()} == api_document.AUDIENCES.keys()
    used = json.dumps(DOCUMENT["paths"]) + json.dumps(DOCUMENT["components"])
    assert [name for name in DOCUMENT["components"]["schemas"] if f'"#/components/schemas/{name}"' not in used] == []


def test_every_operation_says_who_may_call_it_and_how_that_is_shown() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    for path, _, operation in all_operations():
        guard = operation["x-tongban"]
        assert f"权限 Permission: `{guard['permission']}`" in operation["description"], path
        assert f"数据级别 Grade: {guard['grade']}" in operation["description"], path
        assert ("认证等级 Assurance" in operation["description"]) == (guard["assurance"] > 0), path
        assert {name for way in operation["security"] for name in way} <= schemes.keys(), path
        assert bool(operation["security"]) == (guard["audience"] not in {"open", "protocol"}), path
    flows = schemes["signOn"]["flows"]["authorizationCode"], schemes["client"]["flows"]["clientCredentials"]
    for flow in flows:
        for member in ("authorizationUrl", "tokenUrl"):
            assert member not in flow or flow[member] in DOCUMENT["paths"]
    assert schemes["signature"]["name"] == "Signature"


def test_every_refusal_is_a_problem() -> None:
    for path, _, operation in all_operations():
        refusals = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
        assert refusals == {status: {"$ref": "#/components/responses/Problem"} for status in ("4XX", "5XX")}, path
    assert DOCUMENT["components"]["responses"]["Problem"]["content"].keys() == {"application/problem+json"}


def test_tags_are_the_services_in_both_languages() -> None:
    assert {tag["name"] for tag in DOCUMENT["tags"]} == set(SERVICES)
    for tag in DOCUMENT["tags"]:
        assert re.search(r"[\u4e00-\u9fff]", tag["description"])
        assert re.search(r"[a-z]{4}", tag["description"])


def test_what_will_be_out_of_use_is_marked_and_what_is_left_out() -> None:
    states = {("GET", "/matters"): "deprecated", ("GET", "/agencies"): "retired"}
    current = api_document.current(states)
    assert current["paths"]["/matters"]["get"]["deprecated"] is True
    assert "/agencies" not in current["paths"]
    assert "deprecated" not in DOCUMENT["paths"]["/matters"]["get"]
    assert "/agencies" in DOCUMENT["paths"]
    assert "将停用 deprecated" in api_pages.plain(current)


def test_the_plain_page_names_every_operation() -> None:
    page = api_pages.plain(DOCUMENT)
    assert page.count("<tr><td><code>") == len(list(all_operations()))
    assert "<script" not in page


@pytest.mark.parametrize("page", [api_pages.page(), api_pages.plain(DOCUMENT)], ids=["searching", "plain"])
def test_pages_load_only_files_of_their_own_and_run_nothing_of_theirs(page: str) -> None:
    loaded = re.findall(r'(?:src|rel="[a-z]+" href)="([^"]+)"', page)
    assert loaded
    for url in loaded:
        assert url.removeprefix("/docs/assets/").partition("?")[0] in api_pages.assets()
    assert re.findall(r"<script(?![^>]* src=)|<style|\bon[a-z]+=|style=", page) == []
    assert page.count("<script") + page.count('rel="stylesheet"') == page.count('integrity="sha384-')
    assert "unsafe" not in api_pages.POLICY


def test_every_service_of_the_portal_leads_to_something_registered() -> None:
    for service in services():
        assert service.link in DOCUMENT["paths"], service.code
