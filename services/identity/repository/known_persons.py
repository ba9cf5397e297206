"""What a profile is made of. One statement answers for many persons at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Text, Uuid, bindparam, cast, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import Assurance, PersonId
from services.identity.domain.persons import Person
from services.identity.repository.persons import Persons
from services.identity.tables import documents, person_items, persons, verifications

_REAL_NAME: Final = ("real_name", "window")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """With the moment at which the name was last confirmed with a document, and since when the phone is theirs."""

    person: Person
    vouched_at: datetime
    phone_since: datetime


async def known_persons(session: ReadSession, ids: Sequence[PersonId], sealer: Sealer) -> list[KnownPerson | None]:
    """For each in its order; ended accounts too."""
    repository = Persons(session, sealer)
    rows = (await session.execute(_KNOWN, {"ids": list(ids)})).all()
    found = {}
    for person_id, group in groupby(rows, key=attrgetter("id")):
        mine = list(group)
        held = tuple(repository.document_of(_Document(row)) for row in mine if row.document_id)  # type: ignore[arg-type]  # has its columns
        person = repository.person_of(mine[0], held)
        found[person_id] = KnownPerson(person, mine[0].vouched_at or person.registered_at, mine[0].phone_since or person.registered_at)
    return [found.get(each) for each in ids]


class _Document:
    """The columns of a document in a row that is also its person's."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"document_{name}")


def _statement() -> Any:
    of_document = ("id", "type", "number", "country", "issues", "source", "recorded_at", "ended_at")
    proofs = (verifications.c.person_id == persons.c.id) & (verifications.c.assurance >= int(Assurance.REAL_NAME))
    vouched = select(verifications.c.at).where(proofs, verifications.c.method.in_(_REAL_NAME))
    changed = select(person_items.c.until).where(person_items.c.person_id == persons.c.id, person_items.c.item == "phone")
    query = select(
        persons,
        *(documents.c[name].label(f"document_{name}") for name in of_document),
        vouched.order_by(verifications.c.id.desc()).limit(1).scalar_subquery().label("vouched_at"),
        changed.order_by(person_items.c.id.desc()).limit(1).scalar_subquery().label("phone_since"),
    )
    held = (documents.c.person_id == persons.c.id) & documents.c.ended_at.is_(None)
    wanted = persons.c.id == cast(bindparam("ids", type_=ARRAY(Text)), ARRAY(Uuid(as_uuid=False))).any_()
    return query.outerjoin_from(persons, documents, held).where(wanted).order_by(persons.c.id, documents.c.recorded_at, documents.c.id)


_KNOWN: Final = _statement()
