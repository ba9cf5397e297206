from sqlalchemy import select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import persons as api
from contracts.values import PersonId
from services.identity.domain.persons import Person
from services.identity.repository import Persons
from services.identity.tables import verifications


def own_account(person: Person) -> api.Person:
    return api.Person(
        person_id=person.id,
        name=person.name,
        resident_id_masked=person.resident_id.masked(),
        phone_masked=person.phone.masked(),
        assurance=int(person.assurance),
        registered_at=person.registered_at,
    )


async def profile(session: ReadSession, person_id: PersonId, sealer: Sealer) -> api.Profile:
    """Each item with who vouches for it. Raises NoSuchPerson."""
    person = await Persons(session, sealer).get(person_id)
    proven = (
        await session.execute(
            select(verifications.c.provider, verifications.c.at)
            .where(verifications.c.person_id == person_id, verifications.c.method == "real_name")
            .order_by(verifications.c.id.desc())
            .limit(1)
        )
    ).one()

    def vouched(value: str) -> api.Sourced:
        return api.Sourced(value=value, source=proven.provider, at=proven.at)

    return api.Profile(
        person_id=person.id,
        assurance=int(person.assurance),
        name=vouched(person.name),
        resident_id=vouched(person.resident_id),
        phone=api.Sourced(value=person.phone, source="sms-code", at=person.registered_at),
        sex=vouched(person.resident_id.sex),
        birth_on=vouched(person.resident_id.birth_date.isoformat()),
        born=person.resident_id.birth_date,
    )
