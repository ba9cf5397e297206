from typing import Annotated, Final, Literal

from fastapi import Depends, Request, Response

from chassis.aside import aside
from chassis.clock import Clock as Time
from chassis.database import Database as Store
from chassis.errors import UnsupportedMediaType
from chassis.http import Audience, Caller, Clock, Database, Known, Router, guard
from chassis.http.caller import KnownCaller
from chassis.http.routing import read_aside
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import ImportId
from services.catalogue.commands import importing
from services.catalogue.domain.matters import ImportRefused
from services.catalogue.domain.spreadsheets import exchange
from services.catalogue.domain.spreadsheets.workbook import MEDIA_TYPE
from services.catalogue.queries import imports as queries

router = Router()

_IMPORT: Final = guard(Permission.MATTER_IMPORT, audience=Audience.PARTY)
_SCHEMA: Final = {"$ref": "#/components/schemas/ImportCatalogue"}
_JSON: Final = _IMPORT | {
    "openapi_extra": _IMPORT["openapi_extra"] | {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}
}
_WORKBOOK: Final = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}
_SPREADSHEET: Final = _IMPORT | {"openapi_extra": _IMPORT["openapi_extra"] | _WORKBOOK}


async def _document(request: Request) -> api.ImportCatalogue:
    return await read_aside(api.ImportCatalogue, request)


Document = Annotated[api.ImportCatalogue, Depends(_document)]


@router.post("/matters/imports", response_model=api.Import | api.ImportFindings, **_JSON)
async def submit(body: Document, caller: Caller, database: Database, clock: Clock) -> api.Import | api.ImportFindings:
    """Submit a department's divisions, agencies, fields and matters for review, all or nothing; `dry_run` only says what would
    change. The same document again is the same submission while it waits."""
    return await _submitted(body, caller, database, clock)


@router.post("/matters/imports/spreadsheets", response_model=api.Import | api.ImportFindings, **_SPREADSHEET)
async def submit_spreadsheet(
    request: Request,
    caller: Caller,
    database: Database,
    clock: Clock,
    dry_run: bool = False,
    local_terms: Literal["keep", "replace"] = "keep",
) -> api.Import | api.ImportFindings:
    """Submit a workbook as the export gives it; what is wrong is told by sheet, row and column."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise UnsupportedMediaType(f"expected {MEDIA_TYPE}")
    content = await request.body()
    taken = await aside(exchange.take, content, dry_run=dry_run, local_terms=local_terms)
    try:
        return await _submitted(taken.document, caller, database, clock)
    except ImportRefused as reason:
        raise taken.refused(reason) from None


async def _submitted(document: api.ImportCatalogue, caller: KnownCaller, database: Store, clock: Time) -> api.Import | api.ImportFindings:
    party, officer = caller.required_party(), caller.required_officer()
    async with database.reading() as session:
        examined = await importing.examine(session, document, caller.agency)
    if document.dry_run:
        return examined.plan.findings.model_copy(update={"dry_run": True})
    async with database.transaction() as session:
        import_id = await importing.submit(session, examined, party=party, officer=officer, at=clock.now())
    async with database.reading() as session:
        return await queries.of_party(session, import_id, party)


@router.get("/matters/imports", **_IMPORT)
async def listed(
    caller: Caller, database: Database, state: api.ImportState | None = None, before: ImportId | None = None
) -> Page[api.ImportSummary]:
    """The caller's own imports, the newest first."""
    async with database.reading() as session:
        return await queries.all_of(session, caller.required_party(), state=state, before=before)


@router.get("/matters/imports/{import_id}", **_IMPORT)
async def shown(import_id: ImportId, caller: Caller, database: Database) -> api.Import:
    """An import and all that it changes, place by place."""
    async with database.reading() as session:
        return await queries.of_party(session, import_id, caller.required_party())


@router.get("/matters/imports/{import_id}/document", response_model=api.ImportCatalogue, **_IMPORT)
async def document(import_id: ImportId, caller: Caller, database: Database, known: Known) -> Response:
    """The document as it was submitted."""
    async with database.reading() as session:
        content = await queries.document(session, import_id, caller.required_party())
    return known.answer(content)


@router.post("/matters/imports/{import_id}/review", **guard(Permission.MATTER_REVIEW, audience=Audience.PARTY))
async def review(import_id: ImportId, body: api.ReviewImport, caller: Caller, database: Database, clock: Clock) -> api.Import:
    """Another officer of the party publishes what was submitted, all or nothing, or rejects it.

    Refused as stale when what the import changes was published anew since it was submitted.
    """
    party, officer = caller.required_party(), caller.required_officer()
    async with database.reading() as session:
        await importing.check_review(session, import_id, body, party=party, officer=officer)
        examined = await importing.reopen(session, import_id, party=party, agency=caller.agency) if body.outcome == "publish" else None
    async with database.transaction() as session:
        if examined is None:
            await importing.reject(session, import_id, body, officer=officer, at=clock.now())
        else:
            by = importing.Reviewer(party, officer, caller.agency)
            await importing.publish(session, import_id, examined, body, by, at=clock.now())
    async with database.reading() as session:
        return await queries.of_party(session, import_id, party)
