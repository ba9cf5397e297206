"""Documents as they were issued, their numbers, and the words they are made of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from chassis.errors import NotFound
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.problems import application as problems
from contracts.values import CaseId, DivisionCode, StatutoryDocumentId
from services.application.domain.case import Case
from services.application.domain.documents import Document, Kind, Passage, Remedies, Template, Words
from services.application.domain.seals import Sheet, Signature
from services.application.tables import document_serials, documents

_SEED: Final = Path(__file__).parents[1] / "seed"
_DOCUMENT: Final = TypeAdapter(Document)


class NoSuchDocument(NotFound):
    problem = problems.CASE_DOCUMENT_NOT_FOUND


@dataclass(frozen=True, slots=True)
class Issued:
    """`sheet` is None until it was asked for."""

    id: StatutoryDocumentId
    document: Document
    sheet: Sheet | None


class Documents:
    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def number(self, case: Case, kind: Kind, at: datetime) -> str:
        """文号: the next of the agency, the kind and the year."""
        year = local_day(at).year
        counting = upsert(document_serials).values(agency=case.agency, kind=kind.value, year=year, last=1)
        place = ["agency", "kind", "year"]
        counting = counting.on_conflict_do_update(index_elements=place, set_={"last": document_serials.c.last + 1})
        serial = (await self._session.execute(counting.returning(document_serials.c.last))).scalar_one()
        shape: str = _said("documents")["number"]
        return shape.format(agency=case.agency_name, word=templates()[kind].word, year=year, serial=serial)

    async def add(self, case: Case, document: Document) -> None:
        row = {
            "id": StatutoryDocumentId.new(),
            "case_id": case.id,
            "revision": case.revision,
            "kind": document.kind.value,
            "agency": document.agency,
            "number": document.number,
            "issued_at": document.issued_at,
            "content": self._sealer.seal(_DOCUMENT.dump_json(document).decode()),
        }
        await self._session.execute(insert(documents).values(row))

    async def of_case(self, case_id: CaseId) -> Sequence[Issued]:
        """In the order in which they were issued."""
        query = select(documents).where(documents.c.case_id == case_id).order_by(documents.c.revision)
        return [self._issued(row) for row in await self._session.execute(query)]

    async def one(self, case_id: CaseId, document_id: StatutoryDocumentId) -> Issued:
        """Raises NoSuchDocument."""
        query = select(documents).where(documents.c.case_id == case_id, documents.c.id == document_id)
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NoSuchDocument
        return self._issued(row)

    def _issued(self, row: Row[Any]) -> Issued:
        document = _DOCUMENT.validate_json(self._sealer.open(row.content))
        sheet = None
        if row.sheet is not None:
            signature = Signature(row.algorithm, row.key_id, row.public_key, row.signature, row.is_test)
            sheet = Sheet(self._sealer.open_bytes(row.sheet), row.digest, signature, row.sealed_at)
        return Issued(StatutoryDocumentId(row.id), document, sheet)


async def put_sheet(session: WriteSession, document_id: StatutoryDocumentId, sheet: Sheet, sealer: Sealer) -> None:
    """Of two who print one at once, the first is kept."""
    row = {
        "sheet": sealer.seal_bytes(sheet.content),
        "digest": sheet.digest,
        "signature": sheet.signature.value,
        "algorithm": sheet.signature.algorithm,
        "key_id": sheet.signature.key_id,
        "public_key": sheet.signature.public_key,
        "is_test": sheet.signature.is_test,
        "sealed_at": sheet.sealed_at,
    }
    await session.execute(update(documents).where(documents.c.id == document_id, documents.c.digest.is_(None)).values(row))


@cache
def templates() -> dict[Kind, Template]:
    said: dict[str, dict[str, Any]] = _said("documents")["documents"]
    return {Kind(kind): _template(each) for kind, each in said.items()}


def no_reasons() -> Words:
    return Words(**_said("documents")["no_reasons"])


@cache
def remedies() -> Remedies:
    said = _said("remedies")
    return Remedies(
        words=Words(said["zh"], said["en"]),
        days=said["reconsideration_days"],
        months=said["litigation_months"],
        bodies={DivisionCode(division): Words(**body) for division, body in said["reconsideration"].items()},
        otherwise=Words(**said["otherwise"]),
        court=Words(**said["court"]),
    )


def _template(said: dict[str, Any]) -> Template:
    return Template(
        title=Words(**said["title"]),
        licence_title=Words(**said["licence_title"]),
        word=said["word"],
        reasons=Words(**said["reasons"]),
        passages=tuple(Passage(Words(each["zh"], each["en"]), frozenset(each.get("when", ()))) for each in said["passages"]),
        has_remedies=said.get("has_remedies", False),
    )


@cache
def _said(name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((_SEED / f"{name}.json").read_text())
    return said
