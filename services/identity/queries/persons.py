from datetime import datetime

from sqlalchemy import select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import persons as api
from contracts.values import Assurance, PersonId
from services.identity.domain.documents import HeldDocument
from services.identity.domain.mandates import Kind, State
from services.identity.domain.persons import NoSuchPerson, Person, PersonNotVerified
from services.identity.repository import Mandates, PersonItems, Persons
from services.identity.tables import verifications

PHONE_SOURCE = "sms-code"
GUARDIAN_SOURCE = "guardian"


def own_account(person: Person) -> api.Person:
    return api.Person(
        person_id=person.id,
        name=person.name,
        resident_id_masked=person.resident_id.masked() if person.resident_id else None,
        phone_masked=person.phone.masked() if person.phone else None,
        assurance=int(person.assurance),
        registered_at=person.registered_at,
        documents=[_summary(each) for each in person.documents],
        declared=dict(person.declared),
    )


async def profile(session: ReadSession, person_id: PersonId, sealer: Sealer, *, at: datetime) -> api.Profile:
    """Each item with who vouches for it; of a merged account, those of the one it became part of.

    Who has no phone is reached by their guardian's.

    Raises: NoSuchPerson, PersonNotVerified.
    """
    person = await _present(session, person_id, sealer)
    main = person.main_document
    if person.name is None or main is None:
        raise PersonNotVerified
    vouched_at = await _vouched_at(session, person)

    def vouched(value: str) -> api.Sourced:
        return api.Sourced(value=value, source=main.source, at=vouched_at)

    resident_id, born = person.resident_id, person.birth_date
    return api.Profile(
        person_id=person.id,
        assurance=int(person.assurance),
        name=vouched(person.name),
        document=sourced_document(main),
        resident_id=vouched(resident_id) if resident_id else None,
        phone=await _phone(session, person, sealer, at),
        sex=vouched(resident_id.sex) if resident_id else None,
        birth_on=vouched(born.isoformat()) if born else None,
        born=born,
    )


def sourced_document(held: HeldDocument) -> api.SourcedDocument:
    document = held.document
    return api.SourcedDocument(
        type=document.type, number=document.number, country=document.country, source=held.source, at=held.recorded_at
    )


async def phone_of(session: ReadSession, person_id: PersonId, sealer: Sealer, *, at: datetime) -> str | None:
    """Where to reach them, as in `profile`. Raises NoSuchPerson."""
    found = await _phone(session, await _present(session, person_id, sealer), sealer, at)
    return found.value if found else None


async def _phone(session: ReadSession, person: Person, sealer: Sealer, at: datetime) -> api.Sourced | None:
    if person.phone is not None:
        since = await PersonItems(session, sealer).since(person.id, "phone", person.registered_at)
        return api.Sourced(value=person.phone, source=PHONE_SOURCE, at=since)
    for mandate in await Mandates(session, sealer).of_principals(person.id, []):
        if mandate.kind is Kind.GUARDIAN and mandate.agent is not None and mandate.state(at) is State.ACTIVE:
            guardian = await Persons(session, sealer).get(mandate.agent, is_active=False)
            if guardian.phone is not None:
                return api.Sourced(value=guardian.phone, source=GUARDIAN_SOURCE, at=mandate.granted_at)
    return None


async def _present(session: ReadSession, person_id: PersonId, sealer: Sealer) -> Person:
    people = Persons(session, sealer)
    person = await people.get(person_id, is_active=False)
    if person.merged_into is not None:
        return await people.get(person.merged_into)
    if not person.is_active:
        raise NoSuchPerson
    return person


async def _vouched_at(session: ReadSession, person: Person) -> datetime:
    """When the name was last confirmed with a document."""
    proofs = (verifications.c.person_id == person.id) & (verifications.c.assurance >= int(Assurance.REAL_NAME))
    query = select(verifications.c.at).where(proofs, verifications.c.method.in_(("real_name", "window")))
    return (await session.execute(query.order_by(verifications.c.id.desc()).limit(1))).scalar() or person.registered_at


def _summary(held: HeldDocument) -> api.DocumentSummary:
    document = held.document
    return api.DocumentSummary(
        document_id=held.id,
        type=document.type,
        number_masked=document.masked(),
        country=document.country,
        source=held.source,
        recorded_at=held.recorded_at,
    )
