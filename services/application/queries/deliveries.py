import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select

from chassis.database import ReadSession
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import CaseNumber, Id, PartyId
from services.application.domain.deliveries import Callback
from services.application.repository.callbacks import Callbacks
from services.application.tables import callback_keys, deliveries, delivery_attempts

_PAGE: Final = 50


async def callback_of(session: ReadSession, party: PartyId, *, at: datetime) -> api.Callback:
    """Raises NoSuchCallback."""
    [found] = await _presented(session, [await Callbacks(session).of(party)], at)
    return found


async def all_callbacks(session: ReadSession, *, after: PartyId | None, at: datetime) -> Page[api.Callback]:
    found = await Callbacks(session).all(after=after, limit=_PAGE + 1)
    items = await _presented(session, found[:_PAGE], at)
    return Page(items=items, next=items[-1].party if len(found) > _PAGE else None)


async def ledger(
    session: ReadSession, *, party: PartyId | None, number: CaseNumber | None, state: str | None, after: int
) -> Page[api.Delivery]:
    """Oldest first; `after` is the cursor of the last one seen."""
    query = select(deliveries).where(deliveries.c.place > after).order_by(deliveries.c.place).limit(_PAGE + 1)
    for column, wanted in ((deliveries.c.party, party), (deliveries.c.number, number), (deliveries.c.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    rows = (await session.execute(query)).all()
    items = await _told(session, rows[:_PAGE])
    return Page(items=items, next=items[-1].cursor if len(rows) > _PAGE else None)


async def deliveries_of(session: ReadSession, number: CaseNumber) -> list[api.Delivery]:
    """All of one case, to whomever, oldest first."""
    query = select(deliveries).where(deliveries.c.number == number).order_by(deliveries.c.place)
    return await _told(session, (await session.execute(query)).all())


async def _told(session: ReadSession, rows: Sequence[Row[Any]]) -> list[api.Delivery]:
    attempts = await _attempts(session, [row.id for row in rows])
    return [
        api.Delivery(
            cursor=str(row.place),
            delivery_id=Id(row.id),
            party=PartyId(row.party),
            number=CaseNumber(row.number),
            revision=row.revision,
            reason=row.reason,
            is_replay=row.is_replay,
            state=row.state,
            body_sha256=hashlib.sha256(row.body.encode()).hexdigest(),
            created_at=row.created_at,
            due_at=row.due_at if row.state == "waiting" else None,
            ended_at=row.ended_at,
            attempts=attempts[row.id],
        )
        for row in rows
    ]


async def _attempts(session: ReadSession, ids: Sequence[str]) -> defaultdict[str, list[api.Attempt]]:
    query = select(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(ids)).order_by(delivery_attempts.c.id)
    found: defaultdict[str, list[api.Attempt]] = defaultdict(list)
    for row in await session.execute(query):
        found[row.delivery_id].append(api.Attempt(at=row.at, status=row.status, latency_ms=row.latency_ms, reason=row.reason))
    return found


async def _presented(session: ReadSession, found: Sequence[Callback], at: datetime) -> list[api.Callback]:
    parties = [each.party for each in found]
    counts = await _counts(session, parties)
    keys = await _keys(session, parties)
    return [
        api.Callback(
            party=each.party,
            url=each.url,
            per_second=each.per_second,
            at_once=each.at_once,
            is_on=each.is_on,
            registered_at=each.registered_at,
            failures=each.failures,
            resumes_at=each.resumes_at if each.is_left_alone(at) else None,
            waiting=counts.get((each.party, "waiting"), 0),
            dead=counts.get((each.party, "dead"), 0),
            proof=each.proof,
            proof_since=each.proof_since,
            proof_failure=each.proof_failure,
            keys=keys[each.party],
        )
        for each in found
    ]


async def _counts(session: ReadSession, parties: Sequence[PartyId]) -> dict[tuple[str, str], int]:
    unfinished = deliveries.c.party.in_(parties) & (deliveries.c.state != "delivered")
    query = select(deliveries.c.party, deliveries.c.state, func.count()).where(unfinished).group_by(deliveries.c.party, deliveries.c.state)
    return {(party, state): count for party, state, count in await session.execute(query)}


async def _keys(session: ReadSession, parties: Sequence[PartyId]) -> defaultdict[Any, list[api.CallbackKey]]:
    columns = (callback_keys.c.party, callback_keys.c.id, callback_keys.c.public, callback_keys.c.signs_from)
    found: defaultdict[Any, list[api.CallbackKey]] = defaultdict(list)
    query = select(*columns).where(callback_keys.c.party.in_(parties)).order_by(callback_keys.c.signs_from.desc())
    for row in await session.execute(query):
        found[row.party].append(api.CallbackKey(key_id=row.id, jwk=row.public, signs_from=row.signs_from))
    return found
