import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from chassis.sealing import Sealer, one_at_a_time
from contracts.values import Assurance, Document, DocumentId, DocumentType, PersonId, PersonName, Phone, typed_as
from services.identity.domain.documents import DocumentIsNotAvailable, HeldDocument
from services.identity.domain.persons import AlreadyRegistered, NoSuchPerson, Person, Verification
from services.identity.tables import documents, persons, verifications


class Persons:
    """Persons by id, document or phone. Their data is sealed on the way in and opened on the way out."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def get(self, person_id: PersonId, *, lock: bool = False, is_active: bool = True) -> Person:
        """Also of an ended account when `is_active` is false. Raises NoSuchPerson."""
        found = await self._one(select(persons).where(persons.c.id == person_id), lock=lock)
        if found is None or (is_active and not found.is_active):
            raise NoSuchPerson
        return found

    async def named(self, username: str, *, lock: bool = False) -> Person | None:
        """By the number of any document, or by phone where only one person has it."""
        keys = [key for typed in typed_as(username) for key in self._sealer.lookups(typed)]
        holders = select(documents.c.person_id).where(documents.c.number_key.in_(keys), documents.c.ended_at.is_(None))
        mine = or_(persons.c.id.in_(holders), persons.c.phone_key.in_(keys))
        query = select(persons).where(mine, persons.c.status == "active").limit(2)
        found = (await self._session.execute(query.with_for_update() if lock else query)).all()
        if len(found) == 1:
            return await self._with_documents(found[0])
        # As many questions for nobody as for somebody, so that time does not tell who exists.
        await self.documents_of(PersonId.new())
        return None

    async def holding(self, document: Document) -> Person | None:
        """Whose account has this document, or another card with its number."""
        same = (documents.c.family == document.family) & documents.c.number_key.in_(self._sealer.lookups(document.compared))
        row = (await self._session.execute(select(documents.c.person_id).where(same, documents.c.ended_at.is_(None)))).one_or_none()
        return await self.get(PersonId(row.person_id)) if row else None

    async def with_phone(self, phone: Phone) -> bool:
        mine = persons.c.phone_key.in_(self._sealer.lookups(phone)) & (persons.c.status == "active")
        return (await self._session.execute(select(persons.c.id).where(mine).limit(1))).first() is not None

    async def ids_of(self, person_id: PersonId) -> list[PersonId]:
        """The ids under which this person was ever known."""
        rows = await self._session.execute(select(persons.c.id).where((persons.c.id == person_id) | (persons.c.merged_into == person_id)))
        return [PersonId(row.id) for row in rows]

    async def add(self, person: Person) -> None:
        """Raises AlreadyRegistered when a document is taken."""
        row = {"id": person.id, "registered_at": person.registered_at}
        await self._session.execute(insert(persons).values(row | self._state(person)))
        for each in person.documents:
            try:
                await self.add_document(person.id, each)
            except DocumentIsNotAvailable as taken:
                raise AlreadyRegistered from taken

    async def save(self, person: Person) -> None:
        """Everything but the documents."""
        await self._session.execute(update(persons).where(persons.c.id == person.id).values(self._state(person)))

    async def add_document(self, person_id: PersonId, held: HeldDocument) -> None:
        """Raises DocumentIsNotAvailable when an account holds it already."""
        document = held.document
        # Under two keys one number has two hashes, which no unique index can compare.
        await one_at_a_time(self._session, self._sealer, document.compared)
        if await self.holding(document) is not None:
            raise DocumentIsNotAvailable
        row = {
            "id": held.id,
            "person_id": person_id,
            "type": document.type,
            "family": document.family,
            "number": self._sealer.seal(document.compared),
            "number_key": self._sealer.lookup(document.compared),
            "issues": document.issues,
            "country": document.country,
            "source": held.source,
            "recorded_at": held.recorded_at,
        }
        if (await self._session.execute(upsert(documents).values(row).on_conflict_do_nothing())).rowcount != 1:
            raise DocumentIsNotAvailable

    async def end_documents(self, held: list[DocumentId], at: datetime) -> None:
        await self._session.execute(update(documents).where(documents.c.id.in_(held)).values(ended_at=at))

    async def documents_of(self, *person_ids: PersonId, is_ended: bool = False) -> tuple[HeldDocument, ...]:
        """In the order in which they were recorded; with `is_ended` those that others took the place of."""
        ended = documents.c.ended_at.is_not(None) if is_ended else documents.c.ended_at.is_(None)
        query = select(documents).where(documents.c.person_id.in_(person_ids), ended).order_by(documents.c.recorded_at, documents.c.id)
        return tuple(self.document_of(row) for row in await self._session.execute(query))

    async def prove(self, person_id: PersonId, proof: Verification) -> None:
        await self._session.execute(
            insert(verifications).values(
                person_id=person_id,
                method=proof.method,
                provider=proof.provider,
                reference=proof.reference,
                source=proof.source,
                assurance=int(proof.assurance),
                at=proof.at,
            )
        )

    async def _one(self, query: Select[Any], *, lock: bool) -> Person | None:
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return await self._with_documents(row) if row else None

    async def _with_documents(self, row: Row[Any]) -> Person:
        return self.person_of(row, await self.documents_of(PersonId(row.id)))

    def person_of(self, row: Row[Any], held: tuple[HeldDocument, ...]) -> Person:
        return Person(
            id=PersonId(row.id),
            name=PersonName(self._sealer.open(row.name)) if row.name else None,
            phone=Phone(self._sealer.open(row.phone)) if row.phone else None,
            password=row.password,
            assurance=Assurance(row.assurance),
            registered_at=row.registered_at,
            documents=held,
            declared=json.loads(self._sealer.open(row.declared)) if row.declared else {},
            status=row.status,
            merged_into=PersonId.read(row.merged_into),
            ended_at=row.ended_at,
        )

    def document_of(self, row: Row[Any]) -> HeldDocument:
        compared = self._sealer.open(row.number)
        document = Document.compared_as(DocumentType(row.type), compared, country=row.country, issues=row.issues)
        return HeldDocument(DocumentId(row.id), document, row.source, row.recorded_at, row.ended_at)

    def _state(self, person: Person) -> dict[str, Any]:
        return {
            "name": self._sealer.seal(person.name) if person.name else None,
            "phone": self._sealer.seal(person.phone) if person.phone else None,
            "phone_key": self._sealer.lookup(person.phone) if person.phone else None,
            "declared": self._sealer.seal(json.dumps(dict(person.declared), ensure_ascii=False)) if person.declared else None,
            "password": person.password,
            "assurance": int(person.assurance),
            "status": person.status,
            "merged_into": person.merged_into,
            "ended_at": person.ended_at,
        }
