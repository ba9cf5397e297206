from sqlalchemy import and_, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import identity as api
from contracts.strict import Page
from contracts.values import CaseNumber, OfficerId, PersonId
from services.identity.domain import Person
from services.identity.repository import Persons
from services.identity.tables import accesses, clients, verifications

_PAGE = 100
_SERVICES = {
    "application": "统一受理服务 case intake",
    "catalogue": "事项目录服务 matter catalogue",
    "certificate": "电子证照服务 certificates",
    "rating": "好差评服务 ratings",
    "identity": "统一身份服务 identity",
}


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


async def accesses_of(session: ReadSession, person_id: PersonId, *, after: int) -> Page[api.Access]:
    """Everyone who looked at the person's data, oldest first."""
    rows = (
        await session.execute(
            select(accesses, clients.c.name.label("party_name"))
            .outerjoin(clients, and_(clients.c.id == accesses.c.party))
            .where(accesses.c.person_id == person_id, accesses.c.id > after)
            .order_by(accesses.c.id)
            .limit(_PAGE)
        )
    ).all()
    items = [
        api.Access(
            at=row.at,
            who=_who(row.service, row.party_name, is_self=row.by_person == person_id),
            officer=OfficerId(row.officer) if row.officer else None,
            owner=row.owner,
            items=row.items,
            purpose=row.purpose,
            case_number=CaseNumber(row.case_number) if row.case_number else None,
            grade=row.grade,
        )
        for row in rows
    ]
    return Page(items=items, next=str(rows[-1].id) if len(rows) == _PAGE else None)


def _who(service: str | None, party: str | None, *, is_self: bool) -> str:
    if service:
        return _SERVICES.get(service, service)
    by = party or "门户 portal"
    return f"本人 yourself（{by}）" if is_self else by
