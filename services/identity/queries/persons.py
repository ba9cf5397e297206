from datetime import datetime

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import persons as api
from contracts.values import PersonId
from services.identity.domain.documents import HeldDocument
from services.identity.domain.mandates import Kind, State
from services.identity.domain.persons import NoSuchPerson, Person, PersonNotVerified
from services.identity.repository import Mandates, Persons
from services.identity.repository.known_persons import KnownPerson, known_persons

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
    known = await _present(session, person_id, sealer)
    return profile_of(known, phone_of(known) or await _phone_of_guardian(session, known.person, sealer, at))


def profile_of(known: KnownPerson, phone: api.Sourced | None) -> api.Profile:
    """Raises PersonNotVerified."""
    person, main = known.person, known.person.main_document
    if person.name is None or main is None:
        raise PersonNotVerified

    def vouched(value: str) -> api.Sourced:
        return api.Sourced(value=value, source=main.source, at=known.vouched_at)

    resident_id, born = person.resident_id, person.birth_date
    return api.Profile(
        person_id=person.id,
        assurance=int(person.assurance),
        name=vouched(person.name),
        document=sourced_document(main),
        resident_id=vouched(resident_id) if resident_id else None,
        phone=phone,
        sex=vouched(resident_id.sex) if resident_id else None,
        birth_on=vouched(born.isoformat()) if born else None,
        born=born,
    )


def phone_of(known: KnownPerson) -> api.Sourced | None:
    """The person's own."""
    phone = known.person.phone
    return None if phone is None else api.Sourced(value=phone, source=PHONE_SOURCE, at=known.phone_since)


def sourced_document(held: HeldDocument) -> api.SourcedDocument:
    document = held.document
    return api.SourcedDocument(
        type=document.type, number=document.number, country=document.country, source=held.source, at=held.recorded_at
    )


async def phone_to_reach(session: ReadSession, person_id: PersonId, sealer: Sealer, *, at: datetime) -> str | None:
    """Where to reach them, as in `profile`. Raises NoSuchPerson."""
    known = await _present(session, person_id, sealer)
    found = phone_of(known) or await _phone_of_guardian(session, known.person, sealer, at)
    return found.value if found else None


async def _phone_of_guardian(session: ReadSession, person: Person, sealer: Sealer, at: datetime) -> api.Sourced | None:
    for mandate in await Mandates(session, sealer).of_principals(person.id, []):
        if mandate.kind is Kind.GUARDIAN and mandate.agent is not None and mandate.state(at) is State.ACTIVE:
            guardian = await Persons(session, sealer).get(mandate.agent, is_active=False)
            if guardian.phone is not None:
                return api.Sourced(value=guardian.phone, source=GUARDIAN_SOURCE, at=mandate.granted_at)
    return None


async def _present(session: ReadSession, person_id: PersonId, sealer: Sealer) -> KnownPerson:
    [known] = await known_persons(session, [person_id], sealer)
    if known is not None and known.person.merged_into is not None:
        [known] = await known_persons(session, [known.person.merged_into], sealer)
    if known is None or not known.person.is_active:
        raise NoSuchPerson
    return known


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
