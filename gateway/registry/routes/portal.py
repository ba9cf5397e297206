"""门户集成 as pages and answers: the one document of all interfaces, one search, one home page."""

import hashlib
import json
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request, Response
from starlette.responses import HTMLResponse

from chassis.errors import NotFound, Unavailable
from chassis.http import Audience, Caller, Router, disclose, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.values import Grade
from gateway.registry import api_document, api_pages
from gateway.registry.compositions import Compositions as ComposedAnswers
from gateway.registry.compositions import is_empty, merged
from gateway.registry.queries import search as queries
from gateway.snapshot import SnapshotSource

router = Router()

_EVERYBODY = guard(Permission.PORTAL_READ, audience=Audience.OPEN, grade=Grade.PUBLIC)
_PAGE = {"content-security-policy": api_pages.POLICY}


async def _compositions(request: Request) -> ComposedAnswers:
    compositions: ComposedAnswers = request.app.state.compositions
    return compositions


async def _snapshots(request: Request) -> SnapshotSource:
    snapshots: SnapshotSource = request.app.state.snapshots
    return snapshots


Compositions = Annotated[ComposedAnswers, Depends(_compositions)]
Registered = Annotated[SnapshotSource, Depends(_snapshots)]


@router.get("/openapi.json", **_EVERYBODY)
async def openapi(snapshots: Registered, if_none_match: Annotated[str, Header()] = "") -> Response:
    """One document for everything behind the gateway."""
    body = json.dumps(_document(snapshots), ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in {each.strip().removeprefix("W/") for each in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


@router.get("/docs", response_class=HTMLResponse, **_EVERYBODY)
async def docs() -> HTMLResponse:
    """The same, for people: a page that searches. All it loads is from here."""
    return HTMLResponse(api_pages.page(), headers=_PAGE)


@router.get("/docs/plain", response_class=HTMLResponse, **_EVERYBODY)
async def plain(snapshots: Registered) -> HTMLResponse:
    """The same as tables, without script."""
    return HTMLResponse(api_pages.plain(_document(snapshots)), headers=_PAGE)


@router.get("/docs/assets/{name}", **_EVERYBODY)
async def asset(name: Annotated[str, Path(max_length=50)]) -> Response:
    """A script, style or picture of these pages."""
    found = api_pages.assets().get(name)
    if found is None:
        raise NotFound
    return Response(found.body, media_type=found.media_type, headers={"cache-control": "public, max-age=31536000, immutable"})


@router.get("/search", **guard(Permission.MATTER_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def search(
    caller: Caller,
    compositions: Compositions,
    q: Annotated[str, Query(max_length=50)] = "",
    kind: api.SearchKind | None = None,
    after: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> api.Search:
    """Services, matters and guides by name, colloquial name, pinyin or initials. With the catalogue away, what else is found."""
    return await queries.search(compositions, q, kind=kind, after=after, request_id=caller.request_id)


@router.get("/home", **guard(Permission.PORTAL_HOME, audience=Audience.SUBJECT, assurance=1, grade=Grade.PERSONAL))
async def home(caller: Caller, compositions: Compositions, response: Response) -> api.Home:
    """The home page of a person or an organisation; a part whose service is away or late says so, the others are there."""
    composed, disclosures = await compositions.home(caller, caller.request_id)
    if is_empty(composed):
        raise Unavailable("no part of the home page can be had now")
    disclose(response, purpose="首页 home page", **merged(disclosures))
    return composed


def _document(snapshots: SnapshotSource) -> dict[str, object]:
    routes = snapshots.current().routes
    states = {
        (method.upper(), path): resource.state
        for path, methods in api_document.merged()["paths"].items()
        for method in methods
        if (resource := routes.find(method.upper(), path).resource) is not None
    }
    return api_document.current(states)
