from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, literal, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import ledger as api
from contracts.strict import Page
from contracts.values import CaseNumber, CreditCode, MandateId, OfficerId, OrganisationId, PartyId, PersonId, PersonName
from services.identity.tables import accesses, clients, persons

_PAGE = 100
_SERVICES = {
    "application": "统一受理服务 case intake",
    "catalogue": "事项目录服务 matter catalogue",
    "certificate": "电子证照服务 certificates",
    "rating": "好差评服务 ratings",
    "gateway": "统一网关数据共享 data sharing",
    "identity": "统一身份服务 identity",
}


@dataclass(frozen=True, slots=True)
class Looks:
    """Which of a subject's entries are asked for; all of them where nothing is said."""

    case_number: CaseNumber | None = None
    by: api.By | None = None
    party: PartyId | None = None


async def accesses_of(
    session: ReadSession, subject: PersonId | OrganisationId, sealer: Sealer, looks: Looks, *, after: int
) -> Page[api.Access]:
    """Everyone who looked at the subject's data, also under the ids of accounts that became part of this one, oldest first."""
    merged = await session.execute(select(persons.c.id).where(persons.c.merged_into == subject))
    known_as = [subject, *(row.id for row in merged)]
    by = _by(known_as)
    mine = accesses.c.person_id if isinstance(subject, PersonId) else accesses.c.organisation_id
    query = (
        select(accesses, by.label("by"), clients.c.name.label("party_name"), clients.c.agency, persons.c.name.label("actor"))
        .outerjoin(clients, clients.c.id == accesses.c.party)
        .outerjoin(persons, and_(persons.c.id == accesses.c.by_person, by == "mandate"))
        .where(mine.in_(known_as), accesses.c.id > after, *_asked(looks, by))
        .order_by(accesses.c.id)
        .limit(_PAGE)
    )
    rows = (await session.execute(query)).all()
    return Page(items=[_access(row, sealer) for row in rows], next=str(rows[-1].id) if len(rows) == _PAGE else None)


def _by(known_as: Sequence[str]) -> ColumnElement[str]:
    return case(
        (accesses.c.service.is_not(None), "service"),
        (accesses.c.by_person.in_(known_as), "self"),
        (accesses.c.mandate.is_not(None), "mandate"),
        (accesses.c.officer.is_not(None), "officer"),
        else_=literal("party"),
    )


def _asked(looks: Looks, by: ColumnElement[str]) -> list[ColumnElement[bool]]:
    wanted = ((accesses.c.case_number, looks.case_number), (by, looks.by), (accesses.c.party, looks.party))
    return [column == value for column, value in wanted if value is not None]


def _access(row: Row[Any], sealer: Sealer) -> api.Access:
    return api.Access(
        at=row.at,
        by=row.by,
        who=_who(row, sealer),
        party=PartyId.read(row.party),
        agency=CreditCode.read(row.agency),
        officer=OfficerId.read(row.officer),
        mandate=MandateId.read(row.mandate),
        owner=row.owner,
        items=row.items,
        purpose=row.purpose,
        case_number=CaseNumber.read(row.case_number),
        grade=row.grade,
    )


def _who(row: Row[Any], sealer: Sealer) -> str:
    if row.by == "service":
        return _SERVICES.get(row.service, str(row.service))
    through = row.party_name or row.party or "门户 portal"
    if row.by == "self":
        return f"本人 yourself（{through}）"
    if row.by == "mandate":
        name = PersonName(sealer.open(row.actor)).masked() if row.actor else ""
        return f"受权人 agent {name}（{through}）"
    return str(through)
