from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Text, cast, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import ReadSession, WriteSession
from contracts.api import catalogue as api
from contracts.values import ImportId, OfficerId, PartyId
from services.catalogue.domain.form_rules import uploaded_in
from services.catalogue.domain.imports import ImportNotWaiting, NoSuchImport, Plan, Standing
from services.catalogue.repository.issued import issued
from services.catalogue.repository.matters import Catalogue
from services.catalogue.repository.packages import newest_packages, what_matters_say
from services.catalogue.repository.points import points_by_code
from services.catalogue.repository.versions import dictionary, newest
from services.catalogue.tables import agencies, divisions, imports, versions

_ROWS: Final = 500


async def standing(session: ReadSession, document: api.ImportCatalogue, *, is_brief: bool = False) -> Standing:
    """What is published now, as far as the document changes it or stands on it; a brief one leaves out what matters say."""
    known = await dictionary(session)
    packages = await newest_packages(session) if document.packages else {}
    given = [] if is_brief else [matter.basic_code for matter in document.matters]
    uploaded = {name for matter in document.matters for name in uploaded_in(matter)}
    changed = [each.name for each in document.fields if known.get(each.name, each) != each]
    return Standing(
        divisions={row.code: api.Division.model_validate(row._asdict()) for row in await session.execute(select(divisions))},
        agencies={row.code: api.Agency.model_validate(row._asdict()) for row in await session.execute(select(agencies))},
        fields=known,
        heads=await Catalogue(WriteSession(session)).heads(),
        asking=[api.Matter.model_validate_json(each) for each in await _asking(session, [] if is_brief else changed)],
        contents=await _contents(session, given),
        packages={code: each.package for code, each in packages.items()},
        points=await points_by_code(session) if document.points else {},
        kept_by={code: each.agency for code, each in packages.items()},
        steps={} if is_brief or not document.packages else (await what_matters_say(session, document.packages))[0],
        issued={} if is_brief else await issued(session, uploaded, but=given),
    )


_NEWEST: Final = newest(versions.c.basic_code, cast(versions.c.content, Text).label("text"))


async def _asking(session: ReadSession, names: Collection[str]) -> list[str]:
    """The newest versions whose form has one of these fields."""
    if not names:
        return []
    has_one = versions.c.content["form"].has_any(cast(literal(list(names), ARRAY(Text)), ARRAY(Text)))
    return [row.text for row in await session.execute(_NEWEST.where(has_one).order_by(versions.c.basic_code))]


async def _contents(session: ReadSession, basic_codes: Sequence[str]) -> dict[str, str]:
    """As texts: thousands of them are read by whoever looks at them, not while others wait to be served."""
    found = {}
    for at in range(0, len(basic_codes), _ROWS):
        for row in await session.execute(_NEWEST.where(versions.c.basic_code.in_(basic_codes[at : at + _ROWS]))):
            found[row.basic_code] = row.text
    return found


class Imports:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def waiting(self, party: PartyId, digest: bytes) -> Any:
        """The row of the same document of the same party, None where none waits; nobody else closes it until the end."""
        mine = (imports.c.party == party, imports.c.digest == digest, imports.c.state == "waiting")
        return (
            await self._session.execute(select(*SUMMARY, imports.c.findings, imports.c.base).where(*mine).with_for_update())
        ).one_or_none()

    async def supersede(self, import_id: ImportId) -> None:
        await self._session.execute(update(imports).where(imports.c.id == import_id).values(state="superseded"))

    async def add(self, content: str, digest: bytes, plan: Plan, *, party: PartyId, officer: OfficerId, at: datetime) -> ImportId:
        import_id = ImportId.new()
        row = {
            "id": import_id,
            "party": party,
            "digest": digest,
            "content": content,
            "findings": plan.findings.model_dump(mode="json"),
            "base": plan.base,
            "state": "waiting",
            "submitted_by": officer,
            "submitted_at": at,
        }
        await self._session.execute(insert(imports).values(row))
        return import_id

    async def close(
        self, import_id: ImportId, state: api.ImportState, *, officer: OfficerId, note: str | None, effective_on: date | None, at: datetime
    ) -> None:
        """Raises ImportNotWaiting when somebody else was faster."""
        said = {"state": state, "reviewed_by": officer, "reviewed_at": at, "note": note, "effective_on": effective_on}
        waiting = (imports.c.id == import_id, imports.c.state == "waiting")
        if (await self._session.execute(update(imports).where(*waiting).values(said))).rowcount != 1:
            raise ImportNotWaiting


SUMMARY: Final = tuple(column for column in imports.c if column.name not in {"content", "findings", "base", "party"})
"""What is read of an import without its document."""


async def of_party(session: ReadSession, import_id: ImportId, party: PartyId) -> Any:
    """The row of an import, with what it changes and what it stands on. Raises NoSuchImport."""
    query = select(*SUMMARY, imports.c.findings, imports.c.base).where(imports.c.id == import_id, imports.c.party == party)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NoSuchImport
    return row


async def document_of(session: ReadSession, import_id: ImportId, party: PartyId) -> str:
    """The document as JSON. Raises NoSuchImport."""
    query = select(imports.c.content).where(imports.c.id == import_id, imports.c.party == party)
    content: str | None = (await session.execute(query)).scalar_one_or_none()
    if content is None:
        raise NoSuchImport
    return content
