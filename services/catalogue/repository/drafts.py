from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, insert, select, update

from chassis.database import WriteSession
from contracts.values import BasicCode, Id, PartyId, TaskCode
from services.catalogue.domain.drafts import Draft, NoSuchDraft
from services.catalogue.tables import drafts


class Drafts:
    """The drafts of one party: others do not see them."""

    def __init__(self, session: WriteSession, party: PartyId) -> None:
        self._session = session
        self._party = party

    async def locked(self, draft_id: Id) -> Draft:
        """The draft, which nobody else changes until the end. Raises NoSuchDraft."""
        query = select(drafts).where(drafts.c.id == draft_id, drafts.c.party == self._party).with_for_update()
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NoSuchDraft
        return draft_in(row)

    async def add(self, draft: Draft) -> None:
        await self._session.execute(insert(drafts).values(_row(draft)))

    async def save(self, draft: Draft) -> None:
        await self._session.execute(update(drafts).where(drafts.c.id == draft.id).values(_row(draft)))


def _row(draft: Draft) -> dict[str, Any]:
    return asdict(draft) | {"authors": list(draft.authors)}


def draft_in(row: Row[Any]) -> Draft:
    said = row._asdict()
    said |= {
        "id": Id(row.id),
        "basic_code": BasicCode(row.basic_code),
        "task_code": TaskCode(row.task_code) if row.task_code else None,
        "party": PartyId(row.party),
        "authors": tuple(row.authors),
    }
    return Draft(**said)
