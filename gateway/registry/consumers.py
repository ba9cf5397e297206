from chassis.database import WriteSession
from chassis.messaging import Delivery, Subscriptions
from contracts.events.certificate import CertificateTypeRegistered
from gateway.registry.commands import resources

subscriptions = Subscriptions("gateway")


@subscriptions.on(CertificateTypeRegistered)
async def register_type(delivery: Delivery[CertificateTypeRegistered], session: WriteSession) -> None:
    """A certificate type is a resource: scenes may name it."""
    await resources.register_type(session, delivery.event)
