"""What application keeps of one person or organisation: their cases with every value and material that they gave, their drafts, the
material library, and the documents that were issued to them. Source: 个人信息保护法 Art. 44, 45."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, select

from chassis.database import ReadSession
from chassis.errors import Invalid
from chassis.sealing import Sealer
from contracts.api.file import FileField, FileRecord, FileSection
from contracts.values import CaseNumber, Id
from services.application.queries.file_beside import documents_of, drafts_of, files_of
from services.application.repository import CASE_COLUMNS
from services.application.tables import cases, materials

_PAGE = 50
_APPLICANT: Final = "applicant"
SECTIONS: Final = {"cases": "办件 cases", "drafts": "草稿 drafts", "files": "材料库 material library", "issued": "文书 issued documents"}
"""In the order in which they are read."""


class NoSuchPlace(Invalid):
    """A place in the file that no page of it ended at."""


async def file_of(session: ReadSession, subject_id: Id, sealer: Sealer, *, before: str | None, reveal: bool) -> FileSection:
    """Of each section the newest first; `before` is the `next` of the page before. Raises NoSuchPlace."""
    section, last = _place(before)
    wanted = list(SECTIONS)[list(SECTIONS).index(section) :]
    items: list[FileRecord] = []
    for each in wanted:
        room = _PAGE - len(items)
        found = await _SECTIONS[each](session, subject_id, sealer, before=last, reveal=reveal, limit=room + 1)
        items += [record.model_copy(update={"section": each}) for record in found[:room]]
        if len(found) > room:
            # Of a section that had no room at all its beginning is the place.
            return FileSection(items=items, next=f"{each}.{found[room - 1].id if room else ''}")
        last = None
    return FileSection(items=items, next=None)


def _place(before: str | None) -> tuple[str, str | None]:
    if not before:
        return "cases", None
    section, _, last = before.partition(".")
    if section not in SECTIONS or not (last == "" or Id.read(last) or CaseNumber.read(last)):
        raise NoSuchPlace
    return section, last or None


async def _cases_of(
    session: ReadSession, subject_id: Id, sealer: Sealer, *, before: str | None, reveal: bool, limit: int
) -> list[FileRecord]:
    mine = (cases.c.person_id == subject_id) | (cases.c.organisation_id == subject_id)
    query: Select[Any] = select(*CASE_COLUMNS, cases.c.form).where(mine).order_by(cases.c.id.desc()).limit(limit)
    if before:
        query = query.where(cases.c.id < select(cases.c.id).where(cases.c.number == before, mine).scalar_subquery())
    rows: Sequence[Row[Any]] = (await session.execute(query)).all()
    given = await _materials(session, [row.id for row in rows])
    return [
        FileRecord(id=row.number, title=row.matter_name, fields=[*_course(row), *_values(row, sealer, reveal=reveal), *given[row.id]])
        for row in rows
    ]


_SECTIONS: Final = {"cases": _cases_of, "drafts": drafts_of, "files": files_of, "issued": documents_of}


def _course(row: Row[Any]) -> list[FileField]:
    """What was done with the case; its status is since the last of it."""
    agency = row.agency_name
    last = row.closed_at or row.decided_at or row.accepted_at or row.submitted_at
    known: list[tuple[str, str, Any, str, datetime]] = [
        ("status", "办件状态 status", row.status, agency, last),
        ("agency", "承办单位 agency", agency, "application", row.submitted_at),
        ("submitted_at", "申报时间 submitted", row.submitted_at.isoformat(), _APPLICANT, row.submitted_at),
        ("reason", "决定理由 reason", row.reason, agency, row.decided_at or last),
        ("certificate", "办理结果 certificate", row.certificate, agency, row.closed_at or last),
    ]
    return [FileField(name=name, title=title, value=value, source=source, at=at) for name, title, value, source, at in known if value]


def _values(row: Row[Any], sealer: Sealer, *, reveal: bool) -> list[FileField]:
    return [
        FileField.personal(
            f"values.{each['name']}",
            each["title"],
            each["value"],
            source=each["source"],
            at=datetime.fromisoformat(each["at"]),
            reveal=reveal,
        )
        for each in json.loads(sealer.open(row.form))
    ]


async def _materials(session: ReadSession, case_ids: Sequence[str]) -> dict[str, list[FileField]]:
    """By case: what was given, and how. The content of certificates is with who issued them."""
    how = (materials.c.file_id.is_not(None).label("is_file"), materials.c.copy.is_not(None).label("is_copy"))
    query = (
        select(materials.c.case_id, materials.c.code, materials.c.name, *how, cases.c.submitted_at)
        .join(cases, cases.c.id == materials.c.case_id)
        .where(materials.c.case_id.in_(case_ids))
        .order_by(materials.c.code)
    )
    found = defaultdict(list)
    for row in await session.execute(query):
        way = "上传文件 file" if row.is_file else "电子证照 certificate" if row.is_copy else "告知承诺 commitment"
        found[row.case_id].append(
            FileField(name=f"materials.{row.code}", title=row.name, value=way, source=_APPLICANT, at=row.submitted_at)
        )
    return found
