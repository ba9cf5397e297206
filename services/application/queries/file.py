"""What application keeps of one person or organisation: their cases, with every value and material that they gave."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.file import FileField, FileRecord, FileSection
from contracts.values import CaseNumber, Id
from services.application.repository import CASE_COLUMNS
from services.application.tables import cases, materials

_PAGE = 50
_APPLICANT = "applicant"


async def cases_of(session: ReadSession, subject_id: Id, sealer: Sealer, *, before: CaseNumber | None, reveal: bool) -> FileSection:
    """Newest first; `before` is the last number of the page before."""
    mine = (cases.c.person_id == subject_id) | (cases.c.organisation_id == subject_id)
    query: Select[Any] = select(*CASE_COLUMNS, cases.c.form).where(mine).order_by(cases.c.id.desc()).limit(_PAGE + 1)
    if before:
        query = query.where(cases.c.id < select(cases.c.id).where(cases.c.number == before, mine).scalar_subquery())
    rows: Sequence[Row[Any]] = (await session.execute(query)).all()
    given = await _materials(session, [row.id for row in rows[:_PAGE]])
    records = [
        FileRecord(id=row.number, title=row.matter_name, fields=[*_course(row), *_values(row, sealer, reveal=reveal), *given[row.id]])
        for row in rows[:_PAGE]
    ]
    return FileSection(items=records, next=records[-1].id if len(rows) > _PAGE else None)


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
