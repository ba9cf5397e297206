"""What application keeps of a subject beside their cases: drafts, the material library, and the documents that were issued to them."""

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.file import FileField, FileRecord
from contracts.values import Id
from services.application.domain.documents import Kind
from services.application.repository.documents import templates
from services.application.tables import cases, documents, drafts, files

_APPLICANT: Final = "applicant"
_APPLICATION: Final = "application"
_FILE_COLUMNS: Final = tuple(column for column in files.c if column.name != "content")


async def drafts_of(
    session: ReadSession, subject_id: Id, sealer: Sealer, *, before: str | None, reveal: bool, limit: int
) -> list[FileRecord]:
    """Also those that somebody who acts for the subject began. Newest first, as the others."""
    query = select(drafts).where(_owned(drafts, subject_id), *_earlier(drafts.c.id, before))
    rows = await session.execute(query.order_by(drafts.c.id.desc()).limit(limit))
    return [FileRecord(id=row.id, title=row.matter_name, fields=_draft(row, sealer, reveal=reveal)) for row in rows]


async def files_of(
    session: ReadSession, subject_id: Id, sealer: Sealer, *, before: str | None, reveal: bool, limit: int
) -> list[FileRecord]:
    """Without their content, which their owner fetches; those that were removed and are kept for a case are among them."""
    query = select(*_FILE_COLUMNS).where(_owned(files, subject_id), *_earlier(files.c.id, before))
    rows = await session.execute(query.order_by(files.c.id.desc()).limit(limit))
    return [FileRecord(id=row.id, title=row.media_type, fields=_file(row, sealer, reveal=reveal)) for row in rows]


async def documents_of(
    session: ReadSession, subject_id: Id, sealer: Sealer, *, before: str | None, reveal: bool, limit: int
) -> list[FileRecord]:
    """With all their words, which name the subject, where they may be revealed."""
    query = (
        select(documents.c.id, documents.c.kind, documents.c.number, documents.c.issued_at, documents.c.content)
        .add_columns(cases.c.number.label("case_number"), cases.c.agency_name)
        .join(cases, cases.c.id == documents.c.case_id)
        .where(_owned(cases, subject_id), *_earlier(documents.c.id, before))
    )
    rows = await session.execute(query.order_by(documents.c.id.desc()).limit(limit))
    return [FileRecord(id=row.id, title=templates()[Kind(row.kind)].title.zh, fields=_document(row, sealer, reveal=reveal)) for row in rows]


def _owned(table: Table, subject_id: Id) -> ColumnElement[bool]:
    return (table.c.person_id == subject_id) | (table.c.organisation_id == subject_id)


def _earlier(id_: ColumnElement[Any], before: str | None) -> list[ColumnElement[bool]]:
    return [id_ < before] if before else []


def _draft(row: Row[Any], sealer: Sealer, *, reveal: bool) -> list[FileField]:
    said = json.loads(sealer.open(row.content))
    known = [
        _plain("task_code", "事项编码 matter", row.task_code, _APPLICANT, row.began_at),
        _plain("began_at", "开始填写 begun", row.began_at.isoformat(), _APPLICANT, row.began_at),
    ]
    values = [
        FileField.personal(f"values.{name}", name, value, source=_APPLICANT, at=row.edited_at, reveal=reveal)
        for name, value in said["values"].items()
    ]
    materials = [_plain(f"materials.{each['code']}", each["code"], _way(each), _APPLICANT, row.edited_at) for each in said["materials"]]
    return [*known, *values, *materials]


def _way(material: dict[str, Any]) -> str:
    """By which of the ways a material is given: the words say no more than a case's would."""
    if material.get("file_id"):
        return "上传文件 file"
    return "电子证照 certificate" if material.get("certificate") else "其他方式 otherwise"


def _file(row: Row[Any], sealer: Sealer, *, reveal: bool) -> list[FileField]:
    at: datetime = row.stored_at
    known = [
        _plain("size_bytes", "大小（字节） size in bytes", str(row.size_bytes), _APPLICANT, at),
        _plain("sha256", "摘要 SHA-256", row.sha256.hex(), _APPLICATION, at),
    ]
    if row.name is not None:
        known.append(FileField.personal("name", "文件名 name", sealer.open(row.name), source=_APPLICANT, at=at, reveal=reveal))
    if row.removed_at is not None:
        known.append(_plain("removed_at", "移出材料库 removed", row.removed_at.isoformat(), _APPLICANT, row.removed_at))
    return known


def _document(row: Row[Any], sealer: Sealer, *, reveal: bool) -> list[FileField]:
    agency, at = row.agency_name, row.issued_at
    said = json.loads(sealer.open(row.content))
    words = "\n".join([*(each["zh"] for each in said["passages"]), *said["reasons"]])
    return [
        _plain("number", "文号 number", row.number, agency, at),
        _plain("kind", "文书种类 kind", row.kind, agency, at),
        _plain("case", "办件编号 case", row.case_number, agency, at),
        FileField.personal("addressee", "受文者 addressee", said["addressee"], source=agency, at=at, reveal=reveal),
        FileField.personal("text", "正文 text", words, source=agency, at=at, reveal=reveal),
    ]


def _plain(name: str, title: str, value: str, source: str, at: datetime) -> FileField:
    return FileField(name=name, title=title, value=value, source=source, at=at)
