from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import (
    CaseId,
    FileId,
)
from services.application.domain.applicant import Applicant
from services.application.domain.intake import NoSuchFile, NotAFileOfTheCase
from services.application.repository.ownership import owned
from services.application.tables import files, materials


class Files:
    """Uploaded files, sealed. The same content of the same applicant is one file."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(self, applicant: Applicant, media_type: str, content: bytes, digest: bytes, at: datetime) -> FileId:
        row = {
            "id": FileId.new(),
            "person_id": applicant.person,
            "organisation_id": applicant.organisation,
            "media_type": media_type,
            "size_bytes": len(content),
            "sha256": digest,
            "content": self._sealer.seal_bytes(content),
            "stored_at": at,
        }
        await self._session.execute(upsert(files).values(row).on_conflict_do_nothing())
        same = owned(files, applicant) & (files.c.sha256 == digest) & (files.c.media_type == media_type)
        return FileId((await self._session.execute(select(files.c.id).where(same))).scalar_one())

    async def check_owner(self, applicant: Applicant, wanted: Iterable[FileId]) -> None:
        """Raises NoSuchFile for the missing and the foreign alike."""
        ids = set(wanted)
        found = await self._session.execute(select(files.c.id).where(owned(files, applicant), files.c.id.in_(ids)))
        if missing := ids - set(found.scalars()):
            raise NoSuchFile(files=sorted(missing))

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
