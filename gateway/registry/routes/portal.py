import json

from fastapi import Response
from starlette.responses import HTMLResponse

from chassis.http import Audience, Router, guard
from contracts.permissions import Permission
from contracts.values import Grade
from gateway.registry import api_document

router = Router()


@router.get("/openapi.json", **guard(Permission.PORTAL_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def openapi() -> Response:
    """One document for everything behind the gateway."""
    return Response(json.dumps(api_document.merged(), ensure_ascii=False), media_type="application/json")


@router.get("/docs", **guard(Permission.PORTAL_READ, audience=Audience.OPEN, grade=Grade.PUBLIC), response_class=HTMLResponse)
async def docs() -> HTMLResponse:
    """The same, for people."""
    return HTMLResponse(api_document.page(), headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"})
