from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from chassis.errors import Conflict, NotFound
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.problems import application as problems
from contracts.values import (
    CaseId,
    CaseNumber,
    CreditCode,
    FileId,
)
from services.application.domain.applicant import Applicant
from services.application.domain.intake import NoSuchFile, NotAFileOfTheCase
from services.application.domain.lifecycle import OPEN, Status
from services.application.domain.materials import StoredFile
from services.application.repository.ownership import owned
from services.application.tables import cases, files, materials

_PAGE: Final = 50


class NoSuchOwnFile(NotFound):
    problem = problems.NOT_A_FILE_OF_THE_CASE


class FileIsInUse(Conflict):
    """`cases` are the running ones that use it."""

    problem = problems.FILE_IN_USE


class Files:
    """Uploaded files, sealed. The same content of the same owner, an applicant or the window of an agency, is one file."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(
        self, owner: Applicant | CreditCode, media_type: str, content: bytes, digest: bytes, at: datetime, *, name: str | None = None
    ) -> FileId:
        """One that was removed from the library is in it again."""
        applicant = owner if isinstance(owner, Applicant) else None
        row = {
            "id": FileId.new(),
            "person_id": applicant.person if applicant else None,
            "organisation_id": applicant.organisation if applicant else None,
            "agency": None if applicant else owner,
            "name": self._sealer.seal(name) if name else None,
            "media_type": media_type,
            "size_bytes": len(content),
            "sha256": digest,
            "content": self._sealer.seal_bytes(content),
            "stored_at": at,
        }
        added = await self._session.execute(upsert(files).values(row).on_conflict_do_nothing().returning(files.c.id))
        if fresh := added.scalar_one_or_none():
            return FileId(fresh)
        same = _of(owner) & (files.c.sha256 == digest) & (files.c.media_type == media_type)
        again: dict[str, Any] = {"removed_at": None} | ({"name": row["name"]} if name else {})
        return FileId((await self._session.execute(update(files).where(same).values(again).returning(files.c.id))).scalar_one())

    async def known(self, owners: Sequence[Applicant | CreditCode], wanted: Iterable[FileId]) -> dict[FileId, StoredFile]:
        """Files of any of the owners. Raises NoSuchFile for the missing and the foreign alike."""
        ids = set(wanted)
        if not ids:
            return {}
        mine = or_(*map(_of, owners)) & files.c.removed_at.is_(None) & files.c.id.in_(ids)
        rows = await self._session.execute(select(files.c.id, files.c.media_type, files.c.size_bytes).where(mine))
        found = {FileId(row.id): StoredFile(row.media_type, row.size_bytes) for row in rows}
        if missing := ids - found.keys():
            raise NoSuchFile(files=sorted(missing))
        return found

    async def of_case(self, case_id: CaseId, file_id: FileId) -> tuple[str, bytes]:
        """Media type and content. Raises NotAFileOfTheCase."""
        query = (
            select(files.c.media_type, files.c.content)
            .join(materials, materials.c.file_id == files.c.id)
            .where(files.c.id == file_id, materials.c.case_id == case_id)
            .limit(1)
        )
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NotAFileOfTheCase
        return row.media_type, self._sealer.open_bytes(row.content)

    async def library(self, applicant: Applicant, *, before: FileId | None) -> tuple[list[api.OwnFile], bool]:
        """材料库, newest first, and whether there are more; `before` is the last file of the page before."""
        mine = owned(files, applicant) & files.c.removed_at.is_(None)
        columns = [column for column in files.c if column.name != "content"]
        query = select(*columns).where(mine).order_by(files.c.id.desc()).limit(_PAGE + 1)
        if before:
            query = query.where(files.c.id < before)
        rows = (await self._session.execute(query)).all()
        uses = await self._uses([row.id for row in rows[:_PAGE]], applicant)
        return [self._own(row, uses[row.id]) for row in rows[:_PAGE]], len(rows) > _PAGE

    async def _uses(self, ids: Sequence[str], applicant: Applicant) -> dict[str, list[api.FileUse]]:
        """In the applicant's cases; whoever acts under a mandate for some matters sees uses in those alone."""
        query = (
            select(materials.c.file_id, materials.c.code, materials.c.name, cases.c.number, cases.c.status)
            .join(cases, cases.c.id == materials.c.case_id)
            .where(materials.c.file_id.in_(ids))
            .order_by(cases.c.id, materials.c.code)
        )
        found = defaultdict(list)
        for row in await self._session.execute(query):
            number = CaseNumber(row.number)
            if not applicant.matters or number.task_code.basic in applicant.matters:
                use = api.FileUse(number=number, material=row.code, name=row.name, is_open=Status(row.status) in OPEN)
                found[row.file_id].append(use)
        return found

    def _own(self, row: Row[Any], uses: list[api.FileUse]) -> api.OwnFile:
        return api.OwnFile(
            file_id=FileId(row.id),
            name=self._sealer.open(row.name) if row.name else None,
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            sha256=row.sha256.hex(),
            stored_at=row.stored_at,
            uses=uses,
        )


async def remove_file(session: WriteSession, applicant: Applicant, file_id: FileId, *, at: datetime) -> None:
    """Out of the library; what a case that ended was decided on stays with that case. Raises NoSuchOwnFile, FileIsInUse."""
    mine = owned(files, applicant) & (files.c.id == file_id) & files.c.removed_at.is_(None)
    if (await session.execute(select(files.c.id).where(mine).with_for_update())).one_or_none() is None:
        raise NoSuchOwnFile
    using = select(cases.c.number).join(materials, materials.c.case_id == cases.c.id).where(materials.c.file_id == file_id)
    if running := (await session.execute(using.where(cases.c.status.in_(OPEN)))).scalars().all():
        raise FileIsInUse(cases=sorted(running))
    is_used = exists().where(materials.c.file_id == files.c.id)
    await session.execute(delete(files).where(mine, ~is_used))
    await session.execute(update(files).where(mine, is_used).values(removed_at=at))


def _of(owner: Applicant | CreditCode) -> ColumnElement[bool]:
    return owned(files, owner) if isinstance(owner, Applicant) else files.c.agency == owner
