from typing import Any

from chassis.database import WriteSession
from chassis.messaging import Delivery, Subscriptions
from chassis.sealing import Sealer
from contracts.events.certificate import CertificateIssued
from contracts.events.identity import PersonMerged
from contracts.events.rating import RatingReplyMissed
from services.application.commands import outcome, ownership, ratings

subscriptions = Subscriptions("application")


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


@subscriptions.on(RatingReplyMissed)
async def unanswered(delivery: Delivery[RatingReplyMissed], session: WriteSession) -> None:
    """A bad rating that nobody answered in time is a card, and a red one a period later."""
    await ratings.note_missed(session, delivery.event, _sealer(delivery), at=delivery.at)


def _sealer(delivery: Delivery[Any]) -> Sealer:
    sealer: Sealer = delivery.neighbours
    return sealer
