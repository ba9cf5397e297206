"""A person's documents and what they correct of themself; what stood before stays in their history."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import PersonVerified
from contracts.values import Assurance, Document, DocumentId, MergeId, PersonId, PersonName, Phone
from services.identity.commands import sms_codes
from services.identity.commands.registration import held, real_name_proof
from services.identity.commands.sms_codes import Purpose
from services.identity.domain.documents import HeldDocument, NameIsNeeded, NoSuchDocument, ResidentNumberIsHeld
from services.identity.domain.persons import Person, Verification
from services.identity.neighbours import Result
from services.identity.repository import MergeRequest, MergeRequests, PersonItems, Persons, Superseded

MERGE_REQUEST_LIFE: Final = timedelta(days=7)
SELF: Final = "self"


@dataclass(frozen=True, slots=True)
class Added:
    """Either the document is the person's now, or the account that has it must become part of theirs first."""

    assurance: Assurance
    document_id: DocumentId | None = None
    merge_id: MergeId | None = None


def name_for(person: Person, document: Document, name: PersonName | None) -> PersonName:
    """The name to check with the document. Raises NameIsNeeded, NameIsNotTheSame, ResidentNumberIsHeld."""
    wanted = name or person.name
    if wanted is None:
        raise NameIsNeeded
    if document.resident_id and person.resident_id not in {None, document.resident_id}:
        raise ResidentNumberIsHeld
    named = person.named(wanted).name
    assert named is not None
    return named


async def add(
    session: WriteSession, person_id: PersonId, name: PersonName, document: Document, sealer: Sealer, *, proof: Result, at: datetime
) -> Added:
    """Raises NameIsNotTheSame, ResidentNumberIsHeld, DocumentIsNotAvailable."""
    people = Persons(session, sealer)
    person = await people.get(person_id, lock=True)
    name_for(person, document, name)
    holder = await people.holding(document)
    if holder is not None and holder.id != person.id:
        request = MergeRequest(MergeId.new(), person.id, holder.id, at, at + MERGE_REQUEST_LIFE)
        await MergeRequests(session).add(request)
        return Added(person.assurance, merge_id=request.id)
    before = person.holding(document)
    if before is not None and before.document == document:
        return Added(person.assurance, before.id)
    added = await _put(session, person, before, document, sealer, at=at)
    verified = person.named(name).verified(Assurance.REAL_NAME)
    await people.save(verified)
    await _verified(session, verified, real_name_proof(document, proof, at=at), sealer)
    return Added(verified.assurance, added.id)


async def correct_name(
    session: WriteSession, person_id: PersonId, name: PersonName, sealer: Sealer, *, proof: Result, at: datetime
) -> None:
    """Raises PersonNotVerified."""
    people = Persons(session, sealer)
    person = await people.get(person_id, lock=True)
    before, document = person.real_name()
    if before == name:
        return
    await _supersede(session, person, "name", before, vouched_by=person, sealer=sealer, at=at)
    corrected = replace(person, name=name)
    await people.save(corrected)
    await _verified(session, corrected, real_name_proof(document, proof, at=at), sealer)


async def correct_phone(session: WriteSession, person_id: PersonId, phone: Phone, sealer: Sealer, *, at: datetime) -> None:
    """Raises SmsCodeIsWrong."""
    await sms_codes.use(session, phone, Purpose.REGISTRATION, sealer)
    people = Persons(session, sealer)
    person = await people.get(person_id, lock=True)
    if person.phone == phone:
        return
    if person.phone is not None:
        await _supersede(session, person, "phone", person.phone, sealer=sealer, at=at)
    await people.save(replace(person, phone=phone))


def document_to_correct(person: Person, document_id: DocumentId) -> HeldDocument:
    """Raises NoSuchDocument."""
    found = next((each for each in person.documents if each.id == document_id), None)
    if found is None:
        raise NoSuchDocument
    return found


async def correct_document(
    session: WriteSession, person_id: PersonId, document_id: DocumentId, document: Document, sealer: Sealer, *, proof: Result, at: datetime
) -> None:
    """Raises NoSuchDocument, DocumentIsNotAvailable, ResidentNumberIsHeld."""
    people = Persons(session, sealer)
    person = await people.get(person_id, lock=True)
    before = document_to_correct(person, document_id)
    if before.document == document:
        return
    others = replace(person, documents=tuple(each for each in person.documents if each.id != document_id))
    if document.resident_id and others.resident_id is not None:
        raise ResidentNumberIsHeld
    await _put(session, person, before, document, sealer, at=at)
    await _verified(session, person, real_name_proof(document, proof, at=at), sealer)


async def declare(session: WriteSession, person_id: PersonId, said: Mapping[str, Any], sealer: Sealer, *, at: datetime) -> Person:
    """What a person says of themself: a value takes the place of an earlier one, none takes it back."""
    people = Persons(session, sealer)
    person = await people.get(person_id, lock=True)
    for item, value in said.items():
        before = person.declared.get(item)
        if before is not None and before != value:
            text = before if isinstance(before, str) else json.dumps(before, ensure_ascii=False)
            await _supersede(session, person, item, text, source=SELF, sealer=sealer, at=at)
    declared = {item: value for item, value in {**person.declared, **said}.items() if value is not None}
    changed = replace(person, declared=declared)
    await people.save(changed)
    return changed


async def _put(
    session: WriteSession, person: Person, before: HeldDocument | None, document: Document, sealer: Sealer, *, at: datetime
) -> HeldDocument:
    """The document in the place of `before`, which stays with its end. Raises DocumentIsNotAvailable."""
    people = Persons(session, sealer)
    if before is not None:
        await people.end_documents([before.id], at)
    added = held(document, at=at)
    await people.add_document(person.id, added)
    return added


async def _verified(session: WriteSession, person: Person, proof: Verification, sealer: Sealer) -> None:
    await Persons(session, sealer).prove(person.id, proof)
    await publish(session, PersonVerified(person_id=person.id, assurance=person.assurance, verified_at=proof.at), at=proof.at)


async def _supersede(
    session: WriteSession,
    person: Person,
    item: str,
    value: str,
    *,
    sealer: Sealer,
    at: datetime,
    source: str = "sms",
    vouched_by: Person | None = None,
) -> None:
    items = PersonItems(session, sealer)
    main = vouched_by.main_document if vouched_by else None
    since = await items.since(person.id, item, person.registered_at)
    await items.keep(person.id, Superseded(item, value, main.source if main else source, since, at))
