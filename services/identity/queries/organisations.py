from sqlalchemy import select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import organisations as api
from contracts.api.identity.persons import Sourced
from contracts.strict import Page
from contracts.values import OrganisationId, PersonId
from services.identity.domain.organisations import Organisation
from services.identity.repository import Organisations, Persons
from services.identity.tables import organisation_checks


def presented(organisation: Organisation) -> api.Organisation:
    return api.Organisation(
        organisation_id=organisation.id,
        credit_code=organisation.credit_code,
        name=organisation.name,
        status=organisation.status,
        assurance=int(organisation.assurance),
        registered_at=organisation.registered_at,
    )


async def represented_by(session: ReadSession, person_id: PersonId) -> Page[api.Organisation]:
    return Page(items=[presented(each) for each in await Organisations(session).represented_by(person_id)])


async def profile(session: ReadSession, organisation_id: OrganisationId, sealer: Sealer) -> api.OrganisationProfile:
    """Each item with who vouches for it. Raises NoSuchOrganisation."""
    organisation = await Organisations(session).get(organisation_id)
    representative = await Persons(session, sealer).get(organisation.representative, is_active=False)
    query = select(organisation_checks).where(organisation_checks.c.organisation_id == organisation_id)
    newest = (await session.execute(query.order_by(organisation_checks.c.id.desc()).limit(1))).one()

    def vouched(value: str) -> Sourced:
        return Sourced(value=value, source=newest.provider, at=newest.at)

    return api.OrganisationProfile(
        organisation_id=organisation.id,
        assurance=int(organisation.assurance),
        status=organisation.status,
        credit_code=vouched(organisation.credit_code),
        name=vouched(organisation.name),
        representative=organisation.representative,
        representative_name=vouched(representative.name or ""),
    )
