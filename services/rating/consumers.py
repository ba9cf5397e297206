from datetime import timedelta

from chassis.database import WriteSession
from chassis.messaging import Delivery, Subscriptions
from contracts.events.application import CaseClosed
from contracts.events.identity import PersonMerged
from services.rating import commands
from services.rating.settings import RatingSettings

subscriptions = Subscriptions("rating")


@subscriptions.on(CaseClosed)
async def invite(delivery: Delivery[CaseClosed], session: WriteSession) -> None:
    """A closed case may be rated."""
    settings: RatingSettings = delivery.neighbours
    life = timedelta(days=settings.ticket_life_days)
    await commands.invite(session, delivery.event, life=life, at=delivery.at, trace=delivery.trace)


@subscriptions.on(PersonMerged)
async def move(delivery: Delivery[PersonMerged], session: WriteSession) -> None:
    """Two accounts were one person's."""
    await commands.move(session, delivery.event)
