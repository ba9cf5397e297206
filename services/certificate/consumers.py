from datetime import datetime

from chassis.database import WriteSession
from chassis.errors import NotFound
from chassis.http.client import Fetched
from chassis.messaging import Delivery, Subscriptions, publish
from contracts.api.application import CaseResult, OrganisationResult
from contracts.api.identity import persons as identity
from contracts.api.identity.organisations import OrganisationProfile
from contracts.events.application import CaseGranted, CasePermitChanged, CasePermitEnded, CaseRenewalDeemed
from contracts.events.identity import OrganisationVerified, PersonMerged, PersonVerified
from contracts.values import Assurance, CreditCode, ResidentId
from services.certificate import commands
from services.certificate.domain import ENDED, Earned, Holder
from services.certificate.neighbours import Neighbours

subscriptions = Subscriptions("certificate")


async def result_of(
    delivery: Delivery[CaseGranted] | Delivery[CasePermitChanged],
) -> Fetched[CaseResult] | Fetched[OrganisationResult] | None:
    """The case's result, asked of its owner; none where the grant earns no certificate."""
    neighbours: Neighbours = delivery.neighbours
    event = delivery.event
    if event.certificate_type is None:
        return None
    if event.organisation_id is not None:
        of_organisation: Fetched[OrganisationResult] = await neighbours.mesh.get(
            "application", f"/cases/{event.number}/organisation-result", model=OrganisationResult, purpose=event.number
        )
        return of_organisation
    found: Fetched[CaseResult] = await neighbours.mesh.get(
        "application", f"/cases/{event.number}/result", model=CaseResult, purpose=event.number
    )
    return found


@subscriptions.on(CaseGranted, fetch=result_of)
async def issue(
    delivery: Delivery[CaseGranted], session: WriteSession, result: Fetched[CaseResult] | Fetched[OrganisationResult] | None
) -> None:
    """A granted case earns its certificate."""
    if result is None:
        return
    neighbours: Neighbours = delivery.neighbours
    if (earned := _earned(result.value)) is not None:
        await commands.issue(
            session, delivery.event.number, earned, neighbours.sealer, neighbours.signer, at=delivery.at, trace=delivery.trace
        )
    if result.access:
        await publish(session, result.access, at=delivery.at, trace=delivery.trace)


@subscriptions.on(CasePermitChanged, fetch=result_of)
async def change(
    delivery: Delivery[CasePermitChanged], session: WriteSession, result: Fetched[CaseResult] | Fetched[OrganisationResult] | None
) -> None:
    """What was granted is changed, and with it what its certificate says."""
    if result is None:
        return
    neighbours: Neighbours = delivery.neighbours
    event = delivery.event
    said = (session, event.number, result.value.content, neighbours.sealer, neighbours.signer)
    await commands.change(*said, revision=event.revision, since=event.changed_at, at=delivery.at, trace=delivery.trace)
    if result.access:
        await publish(session, result.access, at=delivery.at, trace=delivery.trace)


@subscriptions.on(CasePermitEnded)
async def end(delivery: Delivery[CasePermitEnded], session: WriteSession) -> None:
    """What was granted holds no more."""
    neighbours: Neighbours = delivery.neighbours
    event = delivery.event
    state = ENDED[event.kind]
    await commands.end(session, event.number, state, neighbours.sealer, since=event.ended_at, at=delivery.at, trace=delivery.trace)


@subscriptions.on(CaseRenewalDeemed)
async def renew(delivery: Delivery[CaseRenewalDeemed], session: WriteSession) -> None:
    """Nobody decided before the last day: what was to be renewed holds for another term."""
    neighbours: Neighbours = delivery.neighbours
    event = delivery.event
    said = (session, event.number, event.certificate, neighbours.sealer, neighbours.signer)
    await commands.renew(*said, since=event.renewed_from, at=delivery.at, trace=delivery.trace)


def _earned(result: CaseResult | OrganisationResult) -> Earned | None:
    if result.certificate_type is None:
        return None
    number = result.credit_code if isinstance(result, OrganisationResult) else result.holder_id
    return Earned(result.certificate_type, Holder(result.holder_name, number), result.content, result.decided_at)


async def profile_of(delivery: Delivery[PersonVerified]) -> Fetched[identity.Profile] | None:
    """None of whoever has no real name yet, or no account any more."""
    neighbours: Neighbours = delivery.neighbours
    if delivery.event.assurance < Assurance.REAL_NAME:
        return None
    try:
        return await neighbours.profile(delivery.event.person_id)
    except NotFound:
        return None


@subscriptions.on(PersonVerified, fetch=profile_of)
async def link(delivery: Delivery[PersonVerified], session: WriteSession, profile: Fetched[identity.Profile] | None) -> None:
    """Whoever is known by name and number finds what they already hold."""
    if profile is not None:
        await link_holder(session, profile, delivery.neighbours, at=delivery.at, trace=delivery.trace)


async def link_holder(
    session: WriteSession, profile: Fetched[identity.Profile], neighbours: Neighbours, *, at: datetime, trace: str | None = None
) -> None:
    found = profile.value
    if found.resident_id is not None:
        await commands.link(session, found.person_id, ResidentId(found.resident_id.value), neighbours.sealer)
    if profile.access:
        await publish(session, profile.access, at=at, trace=trace)


@subscriptions.on(PersonMerged)
async def move(delivery: Delivery[PersonMerged], session: WriteSession) -> None:
    """Two accounts were one person's."""
    neighbours: Neighbours = delivery.neighbours
    await commands.move(session, delivery.event.person_id, delivery.event.into, neighbours.sealer)


async def organisation_of(delivery: Delivery[OrganisationVerified]) -> Fetched[OrganisationProfile] | None:
    neighbours: Neighbours = delivery.neighbours
    try:
        return await neighbours.organisation(delivery.event.organisation_id)
    except NotFound:
        return None


@subscriptions.on(OrganisationVerified, fetch=organisation_of)
async def link_organisation(
    delivery: Delivery[OrganisationVerified], session: WriteSession, profile: Fetched[OrganisationProfile] | None
) -> None:
    """What was handed in under its credit code is the organisation's as soon as it is known."""
    if profile is None:
        return
    neighbours: Neighbours = delivery.neighbours
    found = profile.value
    await commands.link(session, found.organisation_id, CreditCode(found.credit_code.value), neighbours.sealer)
    if profile.access:
        await publish(session, profile.access, at=delivery.at, trace=delivery.trace)
