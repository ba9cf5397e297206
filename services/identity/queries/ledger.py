from sqlalchemy import and_, select

from chassis.database import ReadSession
from contracts.api.identity import ledger as api
from contracts.strict import Page
from contracts.values import CaseNumber, OfficerId, PersonId
from services.identity.tables import accesses, clients

_PAGE = 100
_SERVICES = {
    "application": "统一受理服务 case intake",
    "catalogue": "事项目录服务 matter catalogue",
    "certificate": "电子证照服务 certificates",
    "rating": "好差评服务 ratings",
    "identity": "统一身份服务 identity",
}


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
