"""Where a path leads."""

import pytest

from gateway.snapshot import Resource, RouteTable


def resource(method: str, path: str) -> Resource:
    return Resource("application", method, path, "case:read", "party", 0, None, 1)


TABLE = RouteTable(
    [
        resource("GET", "/"),
        resource("GET", "/cases"),
        resource("POST", "/cases"),
        resource("GET", "/cases/{number}"),
        resource("GET", "/cases/drafts"),
        resource("POST", "/cases/{number}/decision"),
        resource("GET", "/cases/drafts/{id}/files/{name}"),
    ]
)


@pytest.mark.parametrize(
    ("path", "leads_to", "parameters"),
    [
        ("/", "/", {}),
        ("/cases", "/cases", {}),
        ("/cases/drafts", "/cases/drafts", {}),
        ("/cases/A1", "/cases/{number}", {"number": "A1"}),
        ("/cases/drafts/1/files/a", "/cases/drafts/{id}/files/{name}", {"id": "1", "name": "a"}),
    ],
)
def test_literal_segments_win_over_parameters(path: str, leads_to: str, parameters: dict[str, str]) -> None:
    found = TABLE.find("GET", path)
    assert found.resource is not None
    assert (found.resource.path, found.parameters) == (leads_to, parameters)


def test_a_literal_that_leads_nowhere_is_tried_as_a_parameter() -> None:
    found = TABLE.find("POST", "/cases/drafts/decision")
    assert found.resource is not None
    assert found.parameters == {"number": "drafts"}


@pytest.mark.parametrize(
    "path", ["", "//", "/cases/", "//cases", "/cases//decision", "/cases/A1/", "/Cases", "/cases/A1/decision/x", "/{}", "/x"]
)
def test_another_spelling_is_another_path(path: str) -> None:
    found = TABLE.find("GET", path)
    assert found.resource is None
    assert found.allowed == ()


def test_another_method_names_those_that_the_path_takes() -> None:
    found = TABLE.find("DELETE", "/cases")
    assert found.resource is None
    assert found.allowed == ("GET", "POST")
    assert RouteTable([]).find("GET", "/").allowed == ()
