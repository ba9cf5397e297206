import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from chassis.database import ReadSession, WriteSession
from chassis.errors import Conflict, NotFound
from chassis.sealing import Sealer
from contracts.api.application import GivenMaterial
from contracts.problems import application as problems
from contracts.values import DraftId, TaskCode
from services.application.domain.applicant import Applicant
from services.application.repository.ownership import owned
from services.application.tables import drafts

_AT_MOST: Final = 100
_FORGOTTEN_AT_ONCE: Final = 5000


class NoSuchDraft(NotFound):
    """Missing and foreign alike."""

    problem = problems.DRAFT_NOT_FOUND


class DraftHasChanged(Conflict):
    """`revision` and `edited_at` are those of whoever saved last."""

    problem = problems.DRAFT_HAS_CHANGED


class TooManyDrafts(Conflict):
    problem = problems.TOO_MANY_DRAFTS


@dataclass(frozen=True, slots=True)
class Draft:
    """What an applicant filled in so far. It was begun at the first edit."""

    id: DraftId
    task_code: TaskCode
    version: int
    situation: str | None
    matter_name: str
    values: dict[str, Any]
    materials: tuple[GivenMaterial, ...]
    revision: int
    began_at: datetime
    edited_at: datetime


class Drafts:
    """Drafts of an applicant, sealed; whoever acts for another has the drafts of that mandate and no others."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(self, applicant: Applicant, draft: Draft) -> None:
        """Raises TooManyDrafts."""
        count = (await self._session.execute(select(func.count()).select_from(drafts).where(_mine(applicant)))).scalar_one()
        if count >= _AT_MOST:
            raise TooManyDrafts(most=_AT_MOST)
        owner = {"person_id": applicant.person, "organisation_id": applicant.organisation, "mandate": applicant.mandate}
        known = {"id": draft.id, "task_code": draft.task_code, "matter_name": draft.matter_name, "began_at": draft.began_at}
        await self._session.execute(insert(drafts).values(owner | known | self._edited(draft)))

    async def save(self, applicant: Applicant, draft: Draft, *, read: int) -> None:
        """Only over the revision that was `read`. Raises NoSuchDraft, DraftHasChanged."""
        mine = _mine(applicant) & (drafts.c.id == draft.id)
        saved = await self._session.execute(update(drafts).where(mine, drafts.c.revision == read).values(self._edited(draft)))
        if not saved.rowcount:
            now = await self.one(applicant, draft.id)
            raise DraftHasChanged(revision=now.revision, edited_at=now.edited_at.isoformat())

    async def one(self, applicant: Applicant, draft_id: DraftId) -> Draft:
        """Raises NoSuchDraft."""
        row = (await self._session.execute(select(drafts).where(_mine(applicant), drafts.c.id == draft_id))).one_or_none()
        if row is None:
            raise NoSuchDraft
        return self._draft(row)

    async def all(self, applicant: Applicant) -> Sequence[Row[Any]]:
        """Without what is in them, the one that was edited last first."""
        columns = [column for column in drafts.c if column.name != "content"]
        mine = _mine(applicant)
        return (await self._session.execute(select(*columns).where(mine).order_by(drafts.c.edited_at.desc(), drafts.c.id))).all()

    def _edited(self, draft: Draft) -> dict[str, Any]:
        materials = [each.model_dump(mode="json", exclude_none=True) for each in draft.materials]
        said = json.dumps({"values": draft.values, "materials": materials}, ensure_ascii=False)
        return {
            "version": draft.version,
            "situation": draft.situation,
            "content": self._sealer.seal(said),
            "revision": draft.revision,
            "edited_at": draft.edited_at,
        }

    def _draft(self, row: Row[Any]) -> Draft:
        said = json.loads(self._sealer.open(row.content))
        return Draft(
            id=DraftId(row.id),
            task_code=TaskCode(row.task_code),
            version=row.version,
            situation=row.situation,
            matter_name=row.matter_name,
            values=said["values"],
            materials=tuple(GivenMaterial.model_validate_json(json.dumps(each)) for each in said["materials"]),
            revision=row.revision,
            began_at=row.began_at,
            edited_at=row.edited_at,
        )


async def take_draft(session: WriteSession, applicant: Applicant, draft_id: DraftId) -> datetime:
    """Gone from here on; when it was begun. Raises NoSuchDraft."""
    gone = await session.execute(delete(drafts).where(_mine(applicant), drafts.c.id == draft_id).returning(drafts.c.began_at))
    began_at: datetime | None = gone.scalar_one_or_none()
    if began_at is None:
        raise NoSuchDraft
    return began_at


async def forget_drafts(session: WriteSession, before: datetime) -> int:
    """Some of those that nobody has edited since, and how many."""
    old = select(drafts.c.id).where(drafts.c.edited_at < before).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(drafts).where(drafts.c.id.in_(old)))).rowcount


def _mine(applicant: Applicant) -> ColumnElement[bool]:
    mine = owned(drafts, applicant) & drafts.c.mandate.is_not_distinct_from(applicant.mandate)
    # A mandate that was narrowed no longer reaches drafts of other matters.
    return mine & func.substr(drafts.c.task_code, 20, 12).in_(applicant.matters) if applicant.matters else mine
