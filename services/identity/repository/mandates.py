import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from chassis.forgetting import Kept
from chassis.sealing import Sealer
from contracts.values import BasicCode, MandateId, OrganisationId, PersonId
from services.identity.domain.mandates import Kind, Mandate, NoSuchMandate, Rule, Rules
from services.identity.domain.organisations import NoSuchOrganisation, Organisation
from services.identity.repository.organisations import Organisations
from services.identity.tables import mandates

_RULES: Final = Path(__file__).parents[1] / "seed" / "mandates.json"
_FORGOTTEN_AT_ONCE: Final = 5000


@cache
def mandate_rules() -> Rules:
    """The rules of every kind of mandate, from the committed table."""
    said = json.loads(_RULES.read_text())
    kinds = {Kind(each["kind"]): _rule(each) for each in said["kinds"]}
    return Rules(kinds, timedelta(days=said["answer_within_days"]), said["waiting_at_most"])


def _rule(said: dict[str, Any]) -> Rule:
    longest = said.pop("longest_days")
    return Rule(**{**said, "kind": Kind(said["kind"])}, longest=timedelta(days=longest) if longest else None)


class Mandates:
    """Mandates by id, by principal and by agent. Names and numbers are sealed on the way in and opened on the way out."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def get(self, mandate_id: MandateId, *, lock: bool = False) -> Mandate:
        """Raises NoSuchMandate."""
        query = select(mandates).where(mandates.c.id == mandate_id)
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NoSuchMandate
        return self._mandate(row)

    async def of_agent(self, agent: PersonId) -> list[Mandate]:
        """Newest first."""
        return await self._all(mandates.c.agent == agent)

    async def of_principals(self, person: PersonId, represented: list[OrganisationId]) -> list[Mandate]:
        """Newest first: those of the person and of the organisations."""
        return await self._all(or_(mandates.c.principal_person == person, mandates.c.principal_organisation.in_(represented)))

    async def of_subject(self, subject: PersonId | OrganisationId) -> list[Mandate]:
        """Those that the subject gave for itself and those that it holds."""
        return await self._all(_of(subject) | (mandates.c.agent == subject))

    async def to_number(self, principal: PersonId | OrganisationId, number: str) -> list[Mandate]:
        """Those of the principal to whoever was named by this resident id or phone."""
        return await self._all(_of(principal), mandates.c.agent_key.in_(self._sealer.lookups(number)))

    async def between(self, principal: PersonId | OrganisationId, agent: PersonId) -> list[Mandate]:
        return await self._all(_of(principal), mandates.c.agent == agent)

    async def representative(self, organisation: OrganisationId) -> Mandate | None:
        """The mandate of the organisation's legal representative, where one was used before."""
        kind = mandates.c.kind == Kind.REPRESENTATIVE.value
        found = await self._all(_of(organisation), kind, mandates.c.revoked_at.is_(None))
        return found[0] if found else None

    async def add(self, mandate: Mandate, *, number: str | None = None) -> bool:
        """False when the organisation's representative has a mandate already. `number` is that by which the agent was named."""
        is_person = isinstance(mandate.principal, PersonId)
        row = {
            "id": mandate.id,
            "kind": mandate.kind.value,
            "principal_person": mandate.principal if is_person else None,
            "principal_organisation": None if is_person else mandate.principal,
            "agent": mandate.agent,
            "agent_name": self._sealer.seal(mandate.agent_name),
            "agent_number": self._sealer.seal(number) if number else None,
            "agent_key": self._sealer.lookup(number) if number else None,
            "matters": list(mandate.matters),
            "begins_at": mandate.begins_at,
            "ends_at": mandate.ends_at,
            "granted_at": mandate.granted_at,
            "granted_by": mandate.granted_by,
            "answer_by": mandate.answer_by,
        }
        statement = upsert(mandates).values(row | _state(mandate)).on_conflict_do_nothing()
        return (await self._session.execute(statement)).rowcount == 1

    async def save(self, mandate: Mandate) -> None:
        await self._session.execute(update(mandates).where(mandates.c.id == mandate.id).values(_state(mandate)))

    async def _all(self, *wanted: ColumnElement[bool]) -> list[Mandate]:
        rows = await self._session.execute(select(mandates).where(*wanted).order_by(mandates.c.id.desc()))
        return [self._mandate(row) for row in rows]

    def _mandate(self, row: Row[Any]) -> Mandate:
        return Mandate(
            id=MandateId(row.id),
            kind=Kind(row.kind),
            principal=PersonId(row.principal_person) if row.principal_person else OrganisationId(row.principal_organisation),
            agent=PersonId.read(row.agent),
            agent_name=self._sealer.open(row.agent_name),
            matters=tuple(BasicCode(each) for each in row.matters),
            begins_at=row.begins_at,
            ends_at=row.ends_at,
            granted_at=row.granted_at,
            granted_by=PersonId(row.granted_by),
            answer_by=row.answer_by,
            accepted_at=row.accepted_at,
            revoked_at=row.revoked_at,
            revoked_by=PersonId.read(row.revoked_by),
            reason=row.reason,
        )


class Represented:
    """Organisations as those see them who act for them."""

    def __init__(self, session: ReadSession) -> None:
        self._organisations = Organisations(session)

    async def get(self, organisation_id: OrganisationId) -> Organisation:
        """Raises NoSuchOrganisation."""
        return await self._organisations.get(organisation_id)

    async def by(self, person: PersonId) -> list[Organisation]:
        """Those in use whose legal representative the person is."""
        return [each for each in await self._organisations.represented_by(person) if each.status == "active"]

    async def by_representative(self, organisation_id: OrganisationId, person: PersonId) -> Organisation:
        """Raises NoSuchOrganisation also for one that somebody else represents."""
        found = await self.get(organisation_id)
        if found.representative != person or found.status != "active":
            raise NoSuchOrganisation
        return found


async def _forget_unanswered(session: WriteSession, before: datetime) -> int:
    old = select(mandates.c.id).where(mandates.c.accepted_at.is_(None), mandates.c.answer_by < before).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(mandates).where(mandates.c.id.in_(old)))).rowcount


UNANSWERED: Final = Kept(timedelta(days=90), _forget_unanswered)
"""Mandates that nobody accepted in time. Those that had force stay: cases name them."""


def _of(principal: PersonId | OrganisationId) -> ColumnElement[bool]:
    column = mandates.c.principal_person if isinstance(principal, PersonId) else mandates.c.principal_organisation
    return column == principal


def _state(mandate: Mandate) -> dict[str, Any]:
    names = ("accepted_at", "revoked_at", "revoked_by", "reason")
    return {name: getattr(mandate, name) for name in names}
