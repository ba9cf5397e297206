"""材料库: what was uploaded once is not uploaded again."""

from typing import Annotated, Any, Final

from fastapi import Query, Request, Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Line, Page
from contracts.values import FileId, Grade
from services.application.commands import intake
from services.application.domain.materials import MEDIA_TYPES
from services.application.repository import Files, remove_file
from services.application.routes.dependencies import Applicant, Limits, disclosed

router = Router()


def _uploading(guarded: dict[str, Any]) -> dict[str, Any]:
    """What a body may be, said to whoever reads the API document."""
    kinds = ("application/octet-stream", *MEDIA_TYPES.values())
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    guarded["openapi_extra"]["requestBody"] = {"required": True, "content": content}
    return guarded


_UPLOAD: Final = _uploading(guard(Permission.FILE_UPLOAD, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
_AT_WINDOW: Final = _uploading(guard(Permission.CASE_TAKE_IN, audience=Audience.OPERATOR, grade=Grade.INTERNAL))


@router.post("/files", status_code=201, **_UPLOAD)
async def upload(
    request: Request,
    applicant: Applicant,
    database: Database,
    clock: Clock,
    sealer: Sealer,
    limits: Limits,
    name: Annotated[Line | None, Query()] = None,
) -> api.Stored:
    """Upload a file for a material, at most 1 MiB: a PNG, JPEG, PDF or OFD by its content. The same file again answers the same id.

    `name` is what I find it by in my library.
    """
    content = await request.body()
    media_type = await intake.looked_into(_said(request), content, limits.file)
    async with database.transaction() as session:
        return await intake.store_file(session, applicant, media_type, content, sealer, at=clock.now(), name=name)


@router.post("/window-files", status_code=201, **_AT_WINDOW)
async def scan(request: Request, caller: Caller, database: Database, clock: Clock, sealer: Sealer, limits: Limits) -> api.Stored:
    """What an officer scans at a window or from a letter: a file of the agency's, for the submissions that it takes in."""
    agency = caller.required_agency()
    content = await request.body()
    media_type = await intake.looked_into(_said(request), content, limits.file)
    async with database.transaction() as session:
        return await intake.store_file(session, agency, media_type, content, sealer, at=clock.now())


@router.get("/files", **guard(Permission.FILE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def library(
    applicant: Applicant, database: Database, sealer: Sealer, response: Response, before: FileId | None = None
) -> Page[api.OwnFile]:
    """My files, newest first, with the cases that use them."""
    async with database.reading() as session:
        found, is_more = await Files(session, sealer).library(applicant, before=before)
    if applicant.actor and found:
        disclosed(response, applicant, purpose="代办查询 by mandate", items=("材料库 files",))
    return Page(items=found, next=found[-1].file_id if is_more else None)


@router.delete(
    "/files/{file_id}",
    status_code=204,
    response_class=Response,
    **guard(Permission.FILE_REMOVE, audience=Audience.SUBJECT, assurance=2, grade=Grade.INTERNAL),
)
async def remove(file_id: FileId, applicant: Applicant, database: Database, clock: Clock) -> Response:
    """Take a file out of my library, unless a running case uses it."""
    async with database.transaction() as session:
        await remove_file(session, applicant, file_id, at=clock.now())
    return Response(status_code=204)


def _said(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
