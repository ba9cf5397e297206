"""Legal persons become known by their representative, and surer by their electronic business licence."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api.identity import organisations as api
from contracts.events.identity import OrganisationVerified
from contracts.values import Assurance, OrganisationId, PersonId, SessionId
from services.identity.commands.mandates import end_all, end_representation
from services.identity.commands.registration import prove_sign_on, raise_level
from services.identity.domain.organisations import (
    CHALLENGE_LIFE,
    LicenceNotConfirmed,
    NoSuchOrganisation,
    Organisation,
    OrganisationIsDissolved,
    RegistryCheck,
    RepresentativeNotConfirmed,
)
from services.identity.domain.persons import Person, Verification
from services.identity.domain.secrets import new_secret
from services.identity.neighbours import ENTERPRISE_REGISTRY, Providers, RegistryResult, Result
from services.identity.repository import Organisations

_LICENCE = "electronic_licence"


async def check_at_registry(providers: Providers, wanted: api.RegisterOrganisation, person: Person) -> RegistryResult:
    """Raises PersonNotVerified, ProviderAway."""
    name, document = person.real_name()
    return await providers.organisation(wanted.credit_code, wanted.name, name, document)


async def note_dissolved(
    session: WriteSession, wanted: api.RegisterOrganisation, result: RegistryResult, sealer: Sealer, *, at: datetime
) -> None:
    """An organisation that the registry calls dissolved is so here too, whoever asked; nobody acts for it any more."""
    organisations = Organisations(session)
    found = await organisations.of_code(wanted.credit_code, lock=True)
    if result.state == "dissolved" and found is not None and not found.is_dissolved:
        await organisations.save(found.dissolved())
        await end_all(session, found.id, sealer, reason="主体已注销 the organisation was dissolved", at=at)
        await organisations.note(found.dissolved(), RegistryCheck("registry", ENTERPRISE_REGISTRY, result.reference, at))


def refuse_unconfirmed(result: RegistryResult) -> None:
    """Raises OrganisationIsDissolved, RepresentativeNotConfirmed."""
    if result.state == "dissolved":
        raise OrganisationIsDissolved
    if not result.is_match:
        raise RepresentativeNotConfirmed


async def register(
    session: WriteSession, wanted: api.RegisterOrganisation, person_id: PersonId, sealer: Sealer, *, proof: RegistryResult, at: datetime
) -> Organisation:
    """The organisation as the registry has it now: new here, the same, or with another representative than before.

    Its agents stay: they act for it, not for whoever appointed them.
    """
    organisations = Organisations(session)
    fresh = Organisation(OrganisationId.new(), wanted.credit_code, wanted.name, person_id, Assurance.REAL_NAME, at)
    if not await organisations.add(fresh):
        known = await organisations.of_code(wanted.credit_code, lock=True)
        assert known is not None
        fresh = known.checked(wanted.name, person_id)
        await organisations.save(fresh)
        if known.representative != person_id:
            await end_representation(session, fresh.id, sealer, at=at)
    await organisations.note(fresh, RegistryCheck("registry", ENTERPRISE_REGISTRY, proof.reference, at))
    await _verified(session, fresh, at)
    return fresh


async def challenge(session: WriteSession, organisation_id: OrganisationId, person_id: PersonId, *, at: datetime) -> api.LicenceChallenge:
    """Raises NoSuchOrganisation for whoever does not represent it, OrganisationIsDissolved."""
    organisation = await represented(session, organisation_id, person_id)
    secret, expires_at = new_secret(), at + CHALLENGE_LIFE
    await Organisations(session).challenge(secret, organisation.id, person_id, expires_at)
    return api.LicenceChallenge(challenge=secret, expires_at=expires_at)


async def use_challenge(
    session: WriteSession, organisation_id: OrganisationId, person_id: PersonId, shown: api.ShowLicence, *, at: datetime
) -> Organisation:
    """Once, whatever comes of it. Raises NoSuchOrganisation, OrganisationIsDissolved, LicenceNotConfirmed."""
    organisation = await represented(session, organisation_id, person_id)
    if not await Organisations(session).use_challenge(shown.challenge, organisation_id, person_id, at):
        raise LicenceNotConfirmed
    return organisation


async def check_licence(providers: Providers, organisation: Organisation, person: Person, shown: api.ShowLicence) -> Result:
    """Raises LicenceNotConfirmed, PersonNotVerified, ProviderAway."""
    name, _ = person.real_name()
    result = await providers.licence(organisation.credit_code, name, shown.challenge, shown.response)
    if not result.is_match:
        raise LicenceNotConfirmed
    return result


async def certify(
    session: WriteSession,
    organisation_id: OrganisationId,
    person_id: PersonId,
    sealer: Sealer,
    *,
    proof: Result,
    sign_on: SessionId,
    at: datetime,
) -> Organisation:
    """The organisation is certified, and so is the representative who holds its licence."""
    organisations = Organisations(session)
    await represented(session, organisation_id, person_id)
    certified = (await organisations.get(organisation_id, lock=True)).certified()
    await organisations.save(certified)
    await organisations.note(certified, RegistryCheck(_LICENCE, ENTERPRISE_REGISTRY, proof.reference, at))
    await _verified(session, certified, at)
    by_licence = Verification(_LICENCE, ENTERPRISE_REGISTRY, proof.reference, Assurance.CERTIFIED, at, certified.credit_code)
    await raise_level(session, person_id, sealer, by_licence)
    await prove_sign_on(session, sign_on, "licence", Assurance.CERTIFIED, at=at)
    return certified


async def represented(session: WriteSession, organisation_id: OrganisationId, person_id: PersonId) -> Organisation:
    """Raises NoSuchOrganisation for the missing and the foreign alike, OrganisationIsDissolved."""
    organisation = await Organisations(session).get(organisation_id)
    if organisation.representative != person_id:
        raise NoSuchOrganisation
    if organisation.is_dissolved:
        raise OrganisationIsDissolved
    return organisation


async def _verified(session: WriteSession, organisation: Organisation, at: datetime) -> None:
    event = OrganisationVerified(organisation_id=organisation.id, assurance=organisation.assurance, verified_at=at)
    await publish(session, event, at=at)
