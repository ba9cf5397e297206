"""The interfaces as a document and as pages, served by the gateway alone."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.database import Database
from gateway.registry.tables import resources
from tests.integration.gateway.door import Door
from tests.integration.gateway.portal import portal
from tests.support.eventually import eventually


@pytest.fixture
async def door(database_of: Callable[[str], Database], tmp_path: Path) -> AsyncIterator[Door]:
    async with portal(database_of, tmp_path) as (found, _):
        yield found


async def test_the_document_is_sent_once(door: Door) -> None:
    said = await door.call("GET", "/openapi.json")
    assert (said.status_code, said.headers["content-type"]) == (200, "application/json")
    again = await door.call("GET", "/openapi.json", {"if-none-match": said.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_document_follows_the_registry(door: Door) -> None:
    async with door.database.transaction() as session:
        await session.execute(sa.update(resources).where(resources.c.path == "/agencies").values(state="retired"))

    async def is_gone() -> bool:
        return "/agencies" not in (await door.call("GET", "/openapi.json")).json()["paths"]

    await eventually(is_gone, within=2)


@pytest.mark.parametrize("path", ["/docs", "/docs/plain"])
async def test_pages_may_run_only_what_is_from_here(door: Door, path: str) -> None:
    said = await door.call("GET", path)
    assert said.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(each.strip().split(" ", 1) for each in said.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', said.text))


async def test_every_file_is_what_the_page_says_it_is(door: Door) -> None:
    page = (await door.call("GET", "/docs")).text
    found = re.findall(r'(?:src|href)="(/docs/assets/[^"]+)"(?: integrity="sha384-([^"]+)")?', page)
    assert len(found) >= 5
    for url, digest in found:
        said = await door.call("GET", url)
        assert said.status_code == 200
        assert said.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert said.headers["x-content-type-options"] == "nosniff"
        kind = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "png": "image/png"}
        assert said.headers["content-type"] == kind[url.partition("?")[0].rpartition(".")[2]]
        if digest:
            assert base64.b64encode(hashlib.sha384(said.content).digest()).decode() == digest


@pytest.mark.parametrize("name", ["main.py", "__init__.py", "%2e%2e", "swagger-ui.css.map", "a" * 51])
async def test_no_other_file_is_served(door: Door, name: str) -> None:
    assert (await door.call("GET", f"/docs/assets/{name}")).status_code in {400, 404, 422}
