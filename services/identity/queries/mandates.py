from datetime import datetime

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import mandates as api
from contracts.values import OrganisationId, PersonId, PersonName
from services.identity.domain.mandates import Mandate
from services.identity.domain.organisations import Organisation
from services.identity.repository import Mandates, Persons, Represented, mandate_rules


async def of(session: ReadSession, person: PersonId, sealer: Sealer, *, at: datetime) -> tuple[api.Mandates, list[PersonId]]:
    """The person's mandates on both sides, and whose names that shows."""
    mandates, represented = Mandates(session, sealer), await Represented(session).by(person)
    given = [each for each in await mandates.of_principals(person, [each.id for each in represented]) if each.agent != person]
    held = await mandates.of_agent(person)
    found = api.Mandates(
        given=[await presented(session, each, sealer, at=at) for each in given],
        held=[await presented(session, each, sealer, at=at) for each in held],
        represents=[_organisation(each) for each in represented],
    )
    seen = [each.principal for each in held if isinstance(each.principal, PersonId)]
    return found, [*seen, *(each.agent for each in given if each.agent and each.accepted_at)]


async def presented(session: ReadSession, mandate: Mandate, sealer: Sealer, *, at: datetime) -> api.Mandate:
    rule = mandate_rules().kinds[mandate.kind]
    return api.Mandate(
        mandate_id=mandate.id,
        kind=mandate.kind.value,
        zh=rule.zh,
        en=rule.en,
        principal=await _principal(session, mandate.principal, sealer),
        agent_name=PersonName(mandate.agent_name).masked(),
        matters=list(mandate.matters),
        begins_at=mandate.begins_at,
        ends_at=mandate.ends_at,
        state=mandate.state(at).value,
        granted_at=mandate.granted_at,
        answer_by=None if mandate.accepted_at else mandate.answer_by,
        revoked_at=mandate.revoked_at,
        reason=mandate.reason,
    )


async def _principal(session: ReadSession, principal: PersonId | OrganisationId, sealer: Sealer) -> api.Principal:
    if isinstance(principal, PersonId):
        # Also of an account that has ended, until its name is forgotten.
        person = await Persons(session, sealer).get(principal, is_active=False)
        return api.Principal(kind="person", name=person.name.masked() if person.name else "***")
    return _organisation(await Represented(session).get(principal))


def _organisation(organisation: Organisation) -> api.Principal:
    return api.Principal(kind="organisation", name=organisation.name, organisation_id=organisation.id)
