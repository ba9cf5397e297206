from collections.abc import Sequence

from chassis.database import WriteSession
from chassis.messaging import Delivery, Subscriptions
from contracts.events.access import DataAccessed
from contracts.events.gateway import PartyChanged
from services.identity.commands import ledger

subscriptions = Subscriptions("identity")


@subscriptions.on(PartyChanged)
async def keep_client(delivery: Delivery[PartyChanged], session: WriteSession) -> None:
    await ledger.keep_client(session, delivery.event)


@subscriptions.on_many(DataAccessed, may_wait=True)
async def keep_accesses(deliveries: Sequence[Delivery[DataAccessed]], session: WriteSession) -> None:
    await ledger.keep_accesses(session, [each.event for each in deliveries])
