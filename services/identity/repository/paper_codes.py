from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from chassis.database import ReadSession, WriteSession
from contracts.values import CityCodeId, PersonId
from services.identity.domain.city_codes import NoSuchPaperCode, PaperCode
from services.identity.tables import paper_codes

_FORGOTTEN_AT_ONCE: Final = 5000


class PaperCodes:
    """Codes on paper. A person has one at a time: the lost one ends when the next is printed."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, paper: PaperCode, person_id: PersonId) -> None:
        row = {
            "id": paper.id,
            "person_id": person_id,
            "issued_at": paper.issued_at,
            "expires_at": paper.expires_at,
            "issued_by": paper.issued_by,
        }
        await self._session.execute(insert(paper_codes).values(row))

    async def of(self, person_id: PersonId, *, at: datetime) -> list[PaperCode]:
        """Those that are still good."""
        live = (paper_codes.c.person_id == person_id) & paper_codes.c.revoked_at.is_(None) & (paper_codes.c.expires_at > at)
        return [_paper(row) for row in (await self._session.execute(select(paper_codes).where(live))).all()]

    async def revoke_all(self, person_id: PersonId, *, by: str, at: datetime) -> None:
        await self._revoke(paper_codes.c.person_id == person_id, by, at)

    async def revoke(self, paper_id: CityCodeId, *, of: PersonId | None, by: str, at: datetime) -> PersonId:
        """Whose it was. `of` is its holder, nobody when an officer asks. Raises NoSuchPaperCode for the missing and the foreign alike."""
        mine = paper_codes.c.id == paper_id if of is None else (paper_codes.c.id == paper_id) & (paper_codes.c.person_id == of)
        await self._revoke(mine, by, at)
        holder = (await self._session.execute(select(paper_codes.c.person_id).where(mine))).scalar_one_or_none()
        if holder is None:
            raise NoSuchPaperCode
        return PersonId(holder)

    async def _revoke(self, which: ColumnElement[bool], by: str, at: datetime) -> None:
        query = update(paper_codes).where(which, paper_codes.c.revoked_at.is_(None))
        await self._session.execute(query.values(revoked_at=at, revoked_by=by))


def _paper(row: Row[Any]) -> PaperCode:
    return PaperCode(CityCodeId(row.id), row.issued_at, row.expires_at, row.issued_by)


async def forget_paper_codes(session: WriteSession, before: datetime) -> int:
    old = select(paper_codes.c.id).where(paper_codes.c.expires_at < before).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(paper_codes).where(paper_codes.c.id.in_(old)))).rowcount
