from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from contracts.values import Assurance, CreditCode, OrganisationId, PersonId
from services.identity.domain.organisations import NoSuchOrganisation, Organisation, RegistryCheck
from services.identity.domain.secrets import digest
from services.identity.tables import licence_challenges, organisation_checks, organisations


class Organisations:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, organisation_id: OrganisationId, *, lock: bool = False) -> Organisation:
        """Raises NoSuchOrganisation."""
        found = await self._one(select(organisations).where(organisations.c.id == organisation_id), lock=lock)
        if found is None:
            raise NoSuchOrganisation
        return found

    async def of_code(self, credit_code: CreditCode, *, lock: bool = False) -> Organisation | None:
        return await self._one(select(organisations).where(organisations.c.credit_code == credit_code), lock=lock)

    async def represented_by(self, person_id: PersonId) -> list[Organisation]:
        query = select(organisations).where(organisations.c.representative == person_id).order_by(organisations.c.registered_at)
        return [_organisation(row) for row in await self._session.execute(query)]

    async def add(self, organisation: Organisation) -> bool:
        """False when somebody was first."""
        row = {"id": organisation.id, "credit_code": organisation.credit_code, "registered_at": organisation.registered_at}
        added = await self._session.execute(upsert(organisations).values(row | _state(organisation)).on_conflict_do_nothing())
        return added.rowcount == 1

    async def save(self, organisation: Organisation) -> None:
        await self._session.execute(update(organisations).where(organisations.c.id == organisation.id).values(_state(organisation)))

    async def note(self, organisation: Organisation, check: RegistryCheck) -> None:
        """What a check found: the organisation as it is from now on."""
        row = {"organisation_id": organisation.id, "method": check.method, "provider": check.provider}
        more = {"reference": check.reference, "at": check.at}
        await self._session.execute(insert(organisation_checks).values(row | more | _state(organisation)))

    async def challenge(self, challenge: str, organisation_id: OrganisationId, person_id: PersonId, expires_at: datetime) -> None:
        row = {"challenge": digest(challenge), "organisation_id": organisation_id, "person_id": person_id, "expires_at": expires_at}
        await self._session.execute(insert(licence_challenges).values(row))

    async def use_challenge(self, challenge: str, organisation_id: OrganisationId, person_id: PersonId, at: datetime) -> bool:
        """True once, for the organisation and person it was given to, while it holds."""
        is_it = licence_challenges.c.challenge == digest(challenge)
        theirs = (licence_challenges.c.organisation_id == organisation_id) & (licence_challenges.c.person_id == person_id)
        used = await self._session.execute(delete(licence_challenges).where(is_it, theirs, licence_challenges.c.expires_at > at))
        return used.rowcount == 1

    async def _one(self, query: Select[Any], *, lock: bool) -> Organisation | None:
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return _organisation(row) if row else None


def _state(organisation: Organisation) -> dict[str, Any]:
    return {
        "name": organisation.name,
        "representative": organisation.representative,
        "assurance": int(organisation.assurance),
        "status": organisation.status,
    }


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        id=OrganisationId(row.id),
        credit_code=CreditCode(row.credit_code),
        name=row.name,
        representative=PersonId(row.representative),
        assurance=Assurance(row.assurance),
        registered_at=row.registered_at,
        status=row.status,
    )
