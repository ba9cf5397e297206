from typing import Any

from sqlalchemy import Row, select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import ImportId, OfficerId, PartyId
from services.catalogue.repository import imports as repository
from services.catalogue.tables import imports

_PAGE = 50


async def of_party(session: ReadSession, import_id: ImportId, party: PartyId) -> api.Import:
    """An import with all that it changes. Raises NoSuchImport."""
    row = await repository.of_party(session, import_id, party)
    findings = api.ImportFindings.model_validate(row.findings)
    return api.Import.model_validate({**_summary(row).model_dump(), "findings": findings, "dry_run": False})


async def document(session: ReadSession, import_id: ImportId, party: PartyId) -> bytes:
    """The document as JSON. Raises NoSuchImport."""
    return (await repository.document_of(session, import_id, party)).encode()


async def all_of(
    session: ReadSession, party: PartyId, *, state: api.ImportState | None, before: ImportId | None
) -> Page[api.ImportSummary]:
    """The party's imports, the newest first; `before` is the last id of the page before."""
    counted = tuple(imports.c.findings[name].as_integer().label(name) for name in ("created", "revised", "unchanged"))
    query = select(*repository.SUMMARY, *counted).where(imports.c.party == party).order_by(imports.c.id.desc()).limit(_PAGE + 1)
    if state:
        query = query.where(imports.c.state == state)
    if before:
        query = query.where(imports.c.id < before)
    rows = (await session.execute(query)).all()
    return Page(items=[_summary(row) for row in rows[:_PAGE]], next=rows[_PAGE - 1].id if len(rows) > _PAGE else None)


def _summary(row: Row[Any]) -> api.ImportSummary:
    said = row._asdict()
    counted = said.get("findings", said)
    return api.ImportSummary(
        id=ImportId(row.id),
        state=row.state,
        digest=row.digest.hex(),
        created=counted["created"],
        revised=counted["revised"],
        unchanged=counted["unchanged"],
        submitted_by=OfficerId(row.submitted_by),
        submitted_at=row.submitted_at,
        reviewed_by=OfficerId(row.reviewed_by) if row.reviewed_by else None,
        reviewed_at=row.reviewed_at,
        note=row.note,
        effective_on=row.effective_on,
    )
