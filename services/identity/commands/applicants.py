"""Whom a person at a window may act for, as intake asks."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api.identity import standing as api
from contracts.values import BasicCode, OrganisationId, PersonId
from services.identity.commands.mandates import representative_of
from services.identity.domain.mandates import Mandate, NoSuchMandate, State
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.domain.persons import NoSuchPerson
from services.identity.repository import Mandates, Organisations, Persons, Represented, mandate_rules


async def authority(
    session: WriteSession, agent: PersonId, assurance: int, asked: api.AskPrincipal, sealer: Sealer, *, at: datetime
) -> api.Authority:
    """The mandate by which the agent acts for the principal in a matter now; the law's for a legal representative.

    Raises NoSuchOrganisation, NoSuchPerson, NameIsNotTheSame, NoSuchMandate.
    """
    principal = await _principal(session, asked, sealer)
    found = await Mandates(session, sealer).between(principal, agent)
    if isinstance(principal, OrganisationId):
        organisation = await Represented(session).get(principal)
        if organisation.status != "active":
            raise NoSuchOrganisation
        if organisation.representative == agent:
            found = [await representative_of(session, principal, agent, sealer, at=at)]
        level = int(organisation.assurance)
    else:
        level = int((await Persons(session, sealer).get(principal)).assurance)
    mandate = next((each for each in found if _reaches(each, asked.matter, assurance, level, at)), None)
    if mandate is None:
        raise NoSuchMandate
    return api.Authority(
        mandate_id=mandate.id,
        matters=list(mandate.matters),
        person_id=principal if isinstance(principal, PersonId) else None,
        organisation_id=principal if isinstance(principal, OrganisationId) else None,
    )


async def _principal(session: WriteSession, asked: api.AskPrincipal, sealer: Sealer) -> PersonId | OrganisationId:
    if asked.credit_code is not None:
        organisation = await Organisations(session).of_code(asked.credit_code)
        if organisation is None:
            raise NoSuchOrganisation
        return organisation.id
    assert asked.document is not None
    assert asked.name is not None
    person = await Persons(session, sealer).holding(asked.document.value)
    if person is None:
        raise NoSuchPerson
    person.named(asked.name)
    return person.id


def _reaches(mandate: Mandate, matter: BasicCode, agent_level: int, principal_level: int, at: datetime) -> bool:
    rule = mandate_rules().kinds[mandate.kind]
    is_sure = agent_level >= rule.agent_assurance and principal_level >= rule.principal_assurance
    return is_sure and mandate.state(at) is State.ACTIVE and (not mandate.matters or matter in mandate.matters)
