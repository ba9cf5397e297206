from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import application
from contracts.api.identity import file as api
from contracts.values import ConsentId, PersonId
from services.identity.tables import client_consents, clients

_MOST: Final = 500
_SIGN_ON: Final = "以本账号登录并读取所列信息 to sign on with this account and read what is listed"
_SCOPES: Final = {
    "openid": "账号标识 account id",
    "profile": "姓名 name",
    "phone": "手机号 phone",
    "offline_access": "离线续期 renewal without sign-on",
}


async def to_clients(session: ReadSession, person_id: PersonId) -> list[api.Consent]:
    """What the person lets applications read, newest first."""
    query = (
        select(client_consents, clients.c.name)
        .outerjoin(clients, clients.c.id == client_consents.c.client_id)
        .where(client_consents.c.person_id == person_id)
        .order_by(client_consents.c.given_at.desc(), client_consents.c.id.desc())
        .limit(_MOST)
    )
    return [
        api.Consent(
            consent_id=ConsentId(row.id),
            kind="client",
            to=row.name or row.client_id,
            purpose=_SIGN_ON,
            items=[_SCOPES.get(each, each) for each in row.scope.split()],
            given_at=row.given_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in await session.execute(query)
    ]


def merged(own: Iterable[api.Consent], of_cases: Iterable[application.Consent]) -> list[api.Consent]:
    """All of them, newest first."""
    both = [*own, *(_of_case(each) for each in of_cases)]
    return sorted(both, key=lambda each: (each.given_at, each.consent_id), reverse=True)


def _of_case(said: application.Consent) -> api.Consent:
    return api.Consent(
        consent_id=said.consent_id,
        kind="certificate",
        to=said.agency_name,
        purpose=said.purpose,
        items=[f"证照 certificate {said.certificate_id}"],
        case_number=said.case_number,
        given_at=said.given_at,
        withdrawn_at=said.withdrawn_at,
        is_served=said.is_served,
    )
