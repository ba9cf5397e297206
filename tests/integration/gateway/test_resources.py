"""资源管理 at the door: nothing unregistered is reachable, and what leaves says so until it is gone."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from gateway.registry.api_document import documents, operations
from gateway.registry.bootstrap import load_resources
from gateway.registry.domain.resources import NoSuchResource
from gateway.registry.tables import resources
from tests.integration.gateway.door import Behind, exchange
from tests.integration.gateway.sharing_city import AT, City, sharing_city
from tests.support.eventually import eventually

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PATH = "/matters"


@pytest.fixture
async def city(database_of: Callable[[str], Database], tmp_path: Path, behind: Behind, upstream: str) -> AsyncIterator[City]:
    async with sharing_city(database_of("gateway.registry"), tmp_path, behind, upstream) as running:
        behind.asked.clear()
        yield running


def sample(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "0197e0c3-1a80-7b33-8f4e-92d1b0a3c704", path)


def shape(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", path)


def public() -> dict[str, set[str]]:
    """Shape of a path → the methods it takes."""
    found: dict[str, set[str]] = {}
    for document in documents().values():
        for method, path, _ in operations(document):
            found.setdefault(shape(path), set()).add(method)
    return found


async def test_every_route_of_every_service_is_a_registered_resource_and_nothing_else_is(city: City) -> None:
    listed = await city.get("operator", "/resources")
    registered = {(each["method"], each["path"]) for each in listed}
    declared = {
        (method.upper(), path): operation["x-tongban"]["audience"]
        for document in documents().values()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert registered == {route for route, audience in declared.items() if audience != "internal"}
    for each in listed:
        assert each["owner"] == "11310000TE5T01465X"
        assert (each["grade"] in {1, 2, 3, 4}, each["sharing"] in {"unconditional", "conditional", "none"}) == (True, True)
        assert (each["state"], each["version"], each["sunset_at"]) == ("active", "1", None)


async def test_other_methods_and_paths_of_every_service_are_refused_at_the_door(city: City) -> None:
    """Routes that services keep for each other stand on the same paths as public ones, or beside them."""
    known = public()
    internal = [
        (method.upper(), path)
        for document in documents().values()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["x-tongban"]["audience"] == "internal"
    ]
    assert ("GET", "/cases/{number}/standing") in internal
    tried = [(method, path) for path, taken in known.items() for method in METHODS if method not in taken]
    tried += [("GET", f"{path}/unheard-of") for path in known if f"{path}/{{}}" not in known]
    tried += internal
    for method, path in tried:
        answer = await city.door.call(method, sample(path.replace("{}", "{x}")), city.door.bearer())
        taken = known.get(shape(path), set())
        said = (answer.status_code, answer.json()["rule"], answer.json()["room"])
        assert said == ((405, "method", "resources") if taken else (404, "registered", "resources")), (method, path)
        assert set((answer.headers.get("allow") or "").split(", ")) - {""} == taken
    assert city.behind.asked == []


@pytest.mark.parametrize(
    "path",
    ["/matters/", "//matters", "/matters/../matters", "/MATTERS", "/matters%2f..", "/%6datters", "/./matters", "/matters;x", "/matters/.."],
)
async def test_another_spelling_of_a_resource_is_no_resource(city: City, path: str) -> None:
    token = city.door.bearer()["authorization"]
    raw = f"GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\nconnection: close\r\n\r\n".encode()
    status = (await exchange(city.door.settings.listen_port, raw)).split(b" ")[1]
    assert status in {b"400", b"404"}
    assert city.behind.asked == []


async def deprecated(city: City, **more: Any) -> dict[str, Any]:
    said = {"method": "GET", "path": PATH, "reason": "示例", "successor": "/matters/{code}", **more}
    answer = await city.post("operator", "/resources/deprecation", said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_leaving_resource_says_so_in_every_answer_and_is_gone_after_its_end(city: City) -> None:
    end = AT + timedelta(days=30)
    said = await deprecated(city, sunset_at=end.isoformat())
    assert (said["state"], said["changed_by"]) == ("deprecated", "of-001")

    async def is_said() -> Any:
        answer = await city.door.call("GET", PATH, city.door.bearer())
        return answer if "deprecation" in answer.headers else None

    answer = await eventually(is_said, within=2)
    assert re.fullmatch(r"@[0-9]{10}", answer.headers["deprecation"])
    assert answer.headers["sunset"].endswith(" GMT")
    assert answer.headers["link"] == '</matters/{code}>; rel="successor-version"'
    # Also an answer that refuses carries them: its caller is who has to know.
    unknown = await city.door.call("GET", PATH)
    assert (unknown.status_code, "sunset" in unknown.headers) == (401, True)
    await deprecated(city, sunset_at=AT.isoformat(), deprecated_at=(AT - timedelta(days=1)).isoformat())

    async def is_gone() -> Any:
        found = await city.door.call("GET", PATH, {**city.door.bearer(), "accept-language": "en"})
        return found if found.status_code == 410 else None

    gone = (await eventually(is_gone, within=2)).json()
    assert (gone["rule"], gone["code"], gone["successor"]) == ("sunset", "resource-sunset", "/matters/{code}")
    assert gone["title"] == gone["titles"]["en"] != gone["titles"]["zh"]


async def test_retired_at_once_and_back_by_two_officers_only(city: City) -> None:
    named = {"method": "GET", "path": PATH, "reason": "示例"}
    assert (await city.post("operator", "/resources/retirement", named)).json()["state"] == "retired"

    async def answers(status: int) -> bool:
        return (await city.door.call("GET", PATH, city.door.bearer())).status_code == status

    await eventually(lambda: answers(410), within=2)
    again = await city.post("operator", "/resources/retirement", named)
    assert (again.status_code, again.json()["code"]) == (409, "resource-is-retired")
    assert (await city.changed({**named, "kind": "resource.reactivate"})).json()["state"] == "in-force"
    city.behind.answer = lambda _: (200, {}, b"{}")
    await eventually(lambda: answers(200), within=2)


async def test_a_class_is_narrowed_by_one_officer_and_widened_by_two(city: City) -> None:
    named = {"method": "GET", "path": PATH, "reason": "示例"}
    narrowed = await city.post("operator", "/resources/classification", {**named, "grade": 4, "sharing": "none"})
    assert (narrowed.json()["grade"], narrowed.json()["sharing"]) == (4, "none")
    refused = await city.post("operator", "/resources/classification", {**named, "grade": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "needs-second-officer")
    wider = {**named, "kind": "resource.widen", "grade": 1, "sharing": "unconditional"}
    assert (await city.changed(wider)).json()["state"] == "in-force"
    [widened] = [each for each in await city.get("operator", "/resources") if (each["method"], each["path"]) == ("GET", PATH)]
    assert (widened["grade"], widened["sharing"]) == (1, "unconditional")


async def test_what_operators_decided_outlives_a_new_release(city: City) -> None:
    await deprecated(city, sunset_at=(AT + timedelta(days=30)).isoformat())
    await city.post("operator", "/resources/classification", {"method": "GET", "path": PATH, "grade": 4, "reason": "示例"})
    async with city.door.database.transaction() as session:
        await session.execute(sa.delete(resources).where(resources.c.path == "/docs"))
        await load_resources(session)
    listed = {(each["method"], each["path"]): each for each in await city.get("operator", "/resources")}
    kept = listed["GET", PATH]
    assert (kept["state"], kept["grade"], kept["successor"], bool(kept["sunset_at"])) == ("deprecated", 4, "/matters/{code}", True)
    assert listed["GET", "/docs"]["state"] == "active"
    assert [each["path"] for each in await city.get("operator", "/resources?state=deprecated")] == [PATH]
    assert await city.get("operator", "/resources?owner=11310000TE5T013342") == []


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"method": "GET", "path": "/unheard-of", "reason": "x"}, 404, "resource-not-found"),
        ({"method": "POST", "path": "/resources/retirement", "reason": "x"}, 409, "resource-is-needed"),
        ({"method": "TRACE", "path": PATH, "reason": "x"}, 422, "invalid-request"),
        ({"method": "GET", "path": "no-path", "reason": "x"}, 422, "invalid-request"),
        ({"method": "GET", "path": PATH}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_retired_is_refused_by_name(city: City, said: dict[str, Any], status: int, code: str) -> None:
    answer = await city.post("operator", "/resources/retirement", said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_end_does_not_come_before_its_beginning(city: City) -> None:
    said = {
        "method": "GET",
        "path": PATH,
        "reason": "x",
        "deprecated_at": AT.isoformat(),
        "sunset_at": (AT - timedelta(days=1)).isoformat(),
    }
    assert (await city.post("operator", "/resources/deprecation", said)).status_code == 422


async def test_a_type_that_nobody_registered_cannot_leave(city: City) -> None:
    answer = await city.post(
        "operator", "/resources/certificate-types/11310000TE5T90015G004/departure", {"state": "retired", "reason": "x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, NoSuchResource.problem.code)
