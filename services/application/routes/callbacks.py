"""Callbacks: each party's own, and all of them for the operator."""

from typing import Annotated, Literal

from fastapi import Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, PartyId
from services.application.commands import callbacks as commands
from services.application.queries import deliveries as queries
from services.application.repository.callbacks import Callbacks
from services.application.routes.dependencies import Loopback, Within

router = Router()

After = Annotated[str, Query(pattern=r"^[0-9]{1,18}$")]
State = Annotated[Literal["waiting", "delivered", "dead"] | None, Query()]

_MANAGE = guard(Permission.CALLBACK_MANAGE, audience=Audience.PARTY)
_READ = guard(Permission.CALLBACK_READ, audience=Audience.OPERATOR)
_REDRIVE = guard(Permission.CALLBACK_REDRIVE, audience=Audience.OPERATOR)


@router.put("/callbacks/own", **_MANAGE)
async def register(
    body: api.RegisterCallback, scope: Within, caller: Caller, database: Database, clock: Clock, sealer: Sealer, loopback: Loopback
) -> api.Callback:
    """Where we are told of every move of our cases, and how much we take."""
    party, at = caller.required_party(), clock.now()
    async with database.transaction() as session:
        await commands.register(session, party, scope, body, sealer, may_be_loopback=loopback, at=at)
        return await queries.callback_of(session, party, at=at)


@router.get("/callbacks/own", **_MANAGE)
async def own(caller: Caller, database: Database, clock: Clock) -> api.Callback:
    """Our callback, how it goes, and the keys that sign what we are told."""
    async with database.reading() as session:
        return await queries.callback_of(session, caller.required_party(), at=clock.now())


@router.post("/callbacks/own/closure", **_MANAGE)
async def close(caller: Caller, database: Database, clock: Clock) -> api.Callback:
    """Tell us no more. What happens meanwhile is told when we register again; the feed goes on."""
    party = caller.required_party()
    async with database.transaction() as session:
        await Callbacks(session).close(party)
        return await queries.callback_of(session, party, at=clock.now())


@router.post("/callbacks/own/keys", status_code=201, response_model=api.Callback, **_MANAGE)
async def rotate_key(body: api.RotateCallbackKey, caller: Caller, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """A new key, which signs after the overlap."""
    party, at = caller.required_party(), clock.now()

    async def work(session: WriteSession) -> api.Callback:
        await commands.rotate_key(session, party, body, sealer, at=at)
        return await queries.callback_of(session, party, at=at)

    return await once.answer(work, status=201)


@router.get("/callbacks/own/deliveries", **_MANAGE)
async def own_ledger(
    caller: Caller, database: Database, number: CaseNumber | None = None, state: State = None, after: After = "0"
) -> Page[api.Delivery]:
    """What we were told, each attempt with what became of it. Oldest first."""
    async with database.reading() as session:
        return await queries.ledger(session, party=caller.required_party(), number=number, state=state, after=int(after))


@router.post("/callbacks/own/redrives", status_code=201, response_model=api.Queued, **_MANAGE)
async def redrive_own(body: api.Redrive, caller: Caller, clock: Clock, once: Once) -> Response:
    """Try our dead deliveries again."""
    party = caller.required_party()
    return await once.answer(lambda session: commands.redrive(session, party, body, at=clock.now()), status=201)


@router.post("/callbacks/own/replays", status_code=201, response_model=api.Queued, **_MANAGE)
async def replay_own(body: api.Replay, caller: Caller, clock: Clock, once: Once) -> Response:
    """Tell us again what happened in a time."""
    party = caller.required_party()
    return await once.answer(lambda session: commands.replay(session, party, body, at=clock.now()), status=201)


@router.get("/callbacks", **_READ)
async def all_callbacks(database: Database, clock: Clock, after: PartyId | None = None) -> Page[api.Callback]:
    """Every party's callback and how it goes."""
    async with database.reading() as session:
        return await queries.all_callbacks(session, after=after, at=clock.now())


@router.get("/callbacks/deliveries", **_READ)
async def ledger(
    database: Database, party: PartyId | None = None, number: CaseNumber | None = None, state: State = None, after: After = "0"
) -> Page[api.Delivery]:
    """What parties were told, of one party or case if named. Oldest first."""
    async with database.reading() as session:
        return await queries.ledger(session, party=party, number=number, state=state, after=int(after))


@router.post("/callbacks/{party_id}/redrives", status_code=201, response_model=api.Queued, **_REDRIVE)
async def redrive(party_id: PartyId, body: api.Redrive, clock: Clock, once: Once) -> Response:
    """Try a party's dead deliveries again."""
    return await once.answer(lambda session: commands.redrive(session, party_id, body, at=clock.now()), status=201)


@router.post("/callbacks/{party_id}/replays", status_code=201, response_model=api.Queued, **_REDRIVE)
async def replay(party_id: PartyId, body: api.Replay, clock: Clock, once: Once) -> Response:
    """Tell a party again what happened in a time."""
    return await once.answer(lambda session: commands.replay(session, party_id, body, at=clock.now()), status=201)
