from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from contracts.values import Assurance, OrganisationId, PersonId
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.domain.persons import NoSuchPerson
from services.identity.tables import city_codes, organisations, persons

Subject = PersonId | OrganisationId


@dataclass(frozen=True, slots=True)
class Standing:
    """How sure the city is of a subject, and the handle of its codes once it has one."""

    assurance: Assurance
    handle: str | None


class CityCodes:
    """The handle of each person and organisation."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def standing(self, subject: Subject, *, lock: bool = False) -> Standing:
        """`lock` holds the subject. Raises NoSuchPerson, NoSuchOrganisation, also of one that has ended."""
        table, column, missing = _rows_of(subject)
        query = (
            select(table.c.assurance, city_codes.c.handle)
            .select_from(table.outerjoin(city_codes, column == table.c.id))
            .where(table.c.id == subject, table.c.status == "active")
        )
        row = (await self._session.execute(query.with_for_update(of=table) if lock else query)).one_or_none()
        if row is None:
            raise missing
        return Standing(Assurance(row.assurance), row.handle)

    async def give(self, subject: Subject, handle: str, *, at: datetime) -> str:
        """The subject's handle: this one, unless another came first."""
        _, column, _ = _rows_of(subject)
        row = {column.name: subject, "handle": handle, "given_at": at}
        await self._session.execute(upsert(city_codes).values(row).on_conflict_do_nothing(index_elements=[column.name]))
        found: str = (await self._session.execute(select(city_codes.c.handle).where(column == subject))).scalar_one()
        return found

    async def replace(self, subject: Subject, handle: str, *, at: datetime) -> None:
        _, column, _ = _rows_of(subject)
        row = {column.name: subject, "handle": handle, "given_at": at}
        statement = upsert(city_codes).values(row)
        await self._session.execute(statement.on_conflict_do_update(index_elements=[column.name], set_={"handle": handle, "given_at": at}))

    async def end(self, subject: Subject) -> None:
        _, column, _ = _rows_of(subject)
        await self._session.execute(delete(city_codes).where(column == subject))


def _rows_of(subject: Subject) -> tuple[Any, Any, type[Exception]]:
    if isinstance(subject, PersonId):
        return persons, city_codes.c.person_id, NoSuchPerson
    return organisations, city_codes.c.organisation_id, NoSuchOrganisation
