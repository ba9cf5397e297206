from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import Assurance, PersonId, PersonName, Phone, ResidentId
from services.identity.domain.persons import AlreadyRegistered, NoSuchPerson, Person, Verification
from services.identity.tables import persons, verifications


class Persons:
    """Persons by id, resident id or phone. Their data is sealed on the way in and opened on the way out."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        """Raises NoSuchPerson."""
        found = await self._one(select(persons).where(persons.c.id == person_id), lock=lock)
        if found is None:
            raise NoSuchPerson
        return found

    async def named(self, username: str, *, lock: bool = False) -> Person | None:
        """By resident id, or by phone where only one person has it."""
        key = self._sealer.lookup(username.strip().upper())
        rows = select(persons).where((persons.c.resident_key == key) | (persons.c.phone_key == key)).limit(2)
        found = (await self._session.execute(rows.with_for_update() if lock else rows)).all()
        return self._person(found[0]) if len(found) == 1 else None

    async def add(self, person: Person) -> None:
        """Raises AlreadyRegistered when the resident id is taken."""
        row = {
            "id": person.id,
            "name": self._sealer.seal(person.name),
            "resident_id": self._sealer.seal(person.resident_id),
            "resident_key": self._sealer.lookup(person.resident_id),
            "phone": self._sealer.seal(person.phone),
            "phone_key": self._sealer.lookup(person.phone),
            "registered_at": person.registered_at,
        }
        try:
            await self._session.execute(insert(persons).values(row | _state(person)))
        except IntegrityError as taken:
            raise AlreadyRegistered from taken

    async def save(self, person: Person) -> None:
        await self._session.execute(update(persons).where(persons.c.id == person.id).values(_state(person)))

    async def prove(self, person_id: PersonId, proof: Verification) -> None:
        await self._session.execute(
            insert(verifications).values(
                person_id=person_id,
                method=proof.method,
                provider=proof.provider,
                reference=proof.reference,
                assurance=int(proof.assurance),
                at=proof.at,
            )
        )

    async def _one(self, query: Select[Any], *, lock: bool) -> Person | None:
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return self._person(row) if row else None

    def _person(self, row: Row[Any]) -> Person:
        return Person(
            id=PersonId(row.id),
            name=PersonName(self._sealer.open(row.name)),
            resident_id=ResidentId(self._sealer.open(row.resident_id)),
            phone=Phone(self._sealer.open(row.phone)),
            password=row.password,
            assurance=Assurance(row.assurance),
            registered_at=row.registered_at,
            failures=row.failures,
            locked_until=row.locked_until,
        )


def _state(person: Person) -> dict[str, Any]:
    return {
        "password": person.password,
        "assurance": int(person.assurance),
        "failures": person.failures,
        "locked_until": person.locked_until,
    }
