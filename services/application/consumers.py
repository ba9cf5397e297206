from typing import Any

from chassis.database import WriteSession
from chassis.messaging import Delivery, Subscriptions
from chassis.sealing import Sealer
from contracts.events.application import CaseCorrected, CaseSubmitted
from contracts.events.certificate import CertificateIssued
from contracts.events.identity import PersonMerged
from services.application.commands import outcome, ownership

subscriptions = Subscriptions("application")


@subscriptions.on(CaseSubmitted)
async def dispatch(delivery: Delivery[CaseSubmitted], session: WriteSession) -> None:
    """A submitted case goes to whoever decides it."""
    event, sealer = delivery.event, _sealer(delivery)
    await outcome.dispatch(session, event.number, "submitted", sealer, agency=event.agency, division=event.division, at=delivery.at)


@subscriptions.on(CaseCorrected)
async def dispatch_again(delivery: Delivery[CaseCorrected], session: WriteSession) -> None:
    """A corrected case goes back to whoever asked."""
    event, sealer = delivery.event, _sealer(delivery)
    await outcome.dispatch(session, event.number, "corrected", sealer, agency=event.agency, division=event.division, at=delivery.at)


@subscriptions.on(CertificateIssued)
async def close(delivery: Delivery[CertificateIssued], session: WriteSession) -> None:
    """A granted case is closed when its certificate exists."""
    event = delivery.event
    if event.case_number is not None:
        await outcome.close_with(session, event.case_number, event.identifier, _sealer(delivery), at=delivery.at)


@subscriptions.on(PersonMerged)
async def move(delivery: Delivery[PersonMerged], session: WriteSession) -> None:
    """Two accounts were one person's."""
    await ownership.move(session, delivery.event.person_id, delivery.event.into, _sealer(delivery), at=delivery.at)


def _sealer(delivery: Delivery[Any]) -> Sealer:
    sealer: Sealer = delivery.neighbours
    return sealer
