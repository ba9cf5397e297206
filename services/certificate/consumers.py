from datetime import datetime

from chassis.database import WriteSession
from chassis.errors import NotFound
from chassis.http.client import Fetched
from chassis.messaging import Delivery, Subscriptions, publish
from contracts.api.application import CaseResult
from contracts.api.identity import persons as identity
from contracts.events.application import CaseGranted
from contracts.events.identity import PersonMerged, PersonVerified
from contracts.values import Assurance, PersonName, ResidentId
from services.certificate import commands
from services.certificate.domain import Holder
from services.certificate.neighbours import Neighbours

subscriptions = Subscriptions("certificate")


async def result_of(delivery: Delivery[CaseGranted]) -> Fetched[CaseResult] | None:
    """The case's result, asked of its owner; none where the grant earns no certificate."""
    neighbours: Neighbours = delivery.neighbours
    event = delivery.event
    if event.certificate_type is None:
        return None
    found: Fetched[CaseResult] = await neighbours.mesh.get(
        "application", f"/cases/{event.number}/result", model=CaseResult, purpose=event.number
    )
    return found


@subscriptions.on(CaseGranted, fetch=result_of)
async def issue(delivery: Delivery[CaseGranted], session: WriteSession, result: Fetched[CaseResult] | None) -> None:
    """A granted case earns its certificate."""
    if result is None:
        return
    neighbours: Neighbours = delivery.neighbours
    await commands.issue(
        session, delivery.event.number, result.value, neighbours.sealer, neighbours.signer, at=delivery.at, trace=delivery.trace
    )
    if result.access:
        await publish(session, result.access, at=delivery.at, trace=delivery.trace)


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
        holder = Holder(PersonName(found.name.value), ResidentId(found.resident_id.value))
        await commands.link(session, found.person_id, holder, neighbours.sealer)
    if profile.access:
        await publish(session, profile.access, at=at, trace=trace)


@subscriptions.on(PersonMerged)
async def move(delivery: Delivery[PersonMerged], session: WriteSession) -> None:
    """Two accounts were one person's."""
    neighbours: Neighbours = delivery.neighbours
    await commands.move(session, delivery.event.person_id, delivery.event.into, neighbours.sealer)
