"""Messages to persons, for services that do not know, and do not learn, where a person is reached."""

from typing import Annotated

from fastapi import Query

from chassis.http import Audience, Clock, Database, Router, Sealer, guard
from contracts.api.identity import messages as api
from contracts.values import Grade, Id, PersonId
from services.identity.queries import persons as queries
from services.identity.routes.dependencies import Providers

router = Router()

_SERVICES = guard(audience=Audience.INTERNAL, services=("application",), grade=Grade.INTERNAL)
_NO_PHONE = api.MessageState(state="failed", failure="没有手机号 no phone")


@router.post("/persons/{person_id}/messages", **_SERVICES)
async def send(
    person_id: PersonId, body: api.SendMessage, database: Database, clock: Clock, sealer: Sealer, providers: Providers
) -> api.MessageState:
    """Hand it to the sender; who has no phone is reached by their guardian's."""
    if body.channel == "push":
        await providers.send_push(person_id, body.text, body.key)
        return api.MessageState(state="sent")
    async with database.reading() as session:
        phone = await queries.phone_to_reach(session, person_id, sealer, at=clock.now())
    if phone is None:
        return _NO_PHONE
    await providers.send_sms(phone, body.text, body.key)
    return api.MessageState(state="sent")


@router.get("/messages/{key}", **_SERVICES)
async def state(key: Id, providers: Providers, channel: Annotated[api.Channel, Query()]) -> api.MessageState:
    """What the sender knows of it."""
    return await providers.message_state(channel, key)
