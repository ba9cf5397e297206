"""A person closes their account. Source: PIPL Art. 47."""

from datetime import datetime, timedelta

from sqlalchemy import update

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api.identity import accounts as api
from contracts.events.identity import PersonClosed
from contracts.values import PersonId
from services.identity.commands import city_codes, mandates
from services.identity.commands.sign_on import revoke_all
from services.identity.repository import Passkeys, Persons
from services.identity.tables import client_consents

_KEPT = (
    "证件号码（加密）及核验记录 document numbers (sealed) and verifications",
    "已提交的办件及其档案，由受理机关依法保存 submitted cases, which their agencies keep by law",
    "已签发的证照 issued certificates",
    "访问记录 the access ledger",
)


async def close(session: WriteSession, person_id: PersonId, sealer: Sealer, *, kept_for: timedelta, at: datetime) -> api.Closed:
    """Nobody signs on under this account any more; whoever registers with its document later has a new one.

    Cases that were submitted go on.
    """
    people = Persons(session, sealer)
    person = await people.get(person_id, lock=True)
    await people.end_documents([each.id for each in person.documents], at)
    await people.save(person.closed(at))
    given = (client_consents.c.person_id == person_id) & client_consents.c.withdrawn_at.is_(None)
    await session.execute(update(client_consents).where(given).values(withdrawn_at=at))
    await Passkeys(session).remove_all(person_id)
    await city_codes.end(session, person_id, at=at)
    await mandates.end_all(session, person_id, sealer, reason="账号已注销 the account was closed", at=at)
    await revoke_all(session, person_id, at=at)
    await publish(session, PersonClosed(person_id=person_id, closed_at=at), at=at)
    return api.Closed(closed_at=at, kept=list(_KEPT), kept_until=at + kept_for)
