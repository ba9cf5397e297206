"""Where parties are told, with the keys that sign what they are told, and the lease of whoever tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Text, case, cast, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from contracts.values import CreditCode, DivisionCode, Id, PartyId
from services.application.domain.case import Scope
from services.application.domain.deliveries import Callback, NoSuchCallback
from services.application.repository.dispatches import SETTLED
from services.application.tables import TransactionId, callback_keys, callbacks, deliveries, dispatches


@dataclass(frozen=True, slots=True)
class CallbackKey:
    """`id` is the thumbprint of `public`, a JWK; `private` is PEM."""

    id: str
    public: dict[str, Any]
    private: bytes
    signs_from: datetime


_COLUMNS = [*callbacks.c, cast(callbacks.c.planned_transaction, Text).label("transaction")]


class Callbacks:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def of(self, party: PartyId) -> Callback:
        """Raises NoSuchCallback."""
        row = (await self._session.execute(select(*_COLUMNS).where(callbacks.c.party == party))).one_or_none()
        if row is None:
            raise NoSuchCallback
        return _callback(row)

    async def all(self, *, after: PartyId | None, limit: int) -> list[Callback]:
        query = select(*_COLUMNS).order_by(callbacks.c.party).limit(limit)
        rows = await self._session.execute(query.where(callbacks.c.party > after) if after else query)
        return [_callback(row) for row in rows]

    async def put(self, party: PartyId, scope: Scope, url: str, *, per_second: int, at_once: int, at: datetime) -> bool:
        """Whether it is new. A new one is told what happens from now on; what was before it may have replayed."""
        said = {"division": scope.division, "agency": scope.agency, "url": url, "per_second": per_second, "at_once": at_once}
        again: dict[str, Any] = said | {"is_on": True, "failures": 0, "resumes_at": at}
        now = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
        row = again | {
            "party": party,
            "registered_at": at,
            "planned_transaction": now,
            "planned_id": 0,
            "free_at": at,
            "leased_until": at,
            "proof": "asked",
            "proof_since": at,
        }
        # What is proven is one address: another one, and one that failed, is asked anew.
        stands = (callbacks.c.url == url) & (callbacks.c.proof == "proven")
        again |= {"proof": case((stands, "proven"), else_="asked"), "proof_since": case((stands, callbacks.c.proof_since), else_=at)}
        again["proof_failure"] = None
        statement = upsert(callbacks).values(row).on_conflict_do_update(index_elements=["party"], set_=again)
        return bool((await self._session.execute(statement.returning(callbacks.c.registered_at == at))).scalar_one())

    async def close(self, party: PartyId) -> None:
        """Raises NoSuchCallback."""
        closed = await self._session.execute(update(callbacks).where(callbacks.c.party == party).values(is_on=False))
        if not closed.rowcount:
            raise NoSuchCallback

    async def resume(self, party: PartyId, at: datetime) -> None:
        """Tried at once, however long it was to be left alone."""
        await self._session.execute(update(callbacks).where(callbacks.c.party == party).values(resumes_at=at))

    async def wanting(self, at: datetime, *, besides: Sequence[PartyId]) -> list[PartyId]:
        """Parties with something to be told now whom nobody is telling, and those whose address is to be proven."""
        earlier = deliveries.alias()
        is_behind = exists().where(
            earlier.c.party == deliveries.c.party,
            earlier.c.number == deliveries.c.number,
            earlier.c.state != "delivered",
            earlier.c.place < deliveries.c.place,
        )
        due = exists().where(
            deliveries.c.party == callbacks.c.party, deliveries.c.state == "waiting", deliveries.c.due_at <= at, ~is_behind
        )
        place = tuple_(dispatches.c.written_by, dispatches.c.id) > tuple_(callbacks.c.planned_transaction, callbacks.c.planned_id)
        of_division = exists().where(dispatches.c.division == callbacks.c.division, place, SETTLED)
        of_agency = exists().where(dispatches.c.agency == callbacks.c.agency, place, SETTLED)
        is_asked, is_proven = callbacks.c.proof == "asked", callbacks.c.proof == "proven"
        may_be_told = callbacks.c.is_on & (callbacks.c.resumes_at <= at) & (callbacks.c.leased_until <= at)
        wants = is_asked | (is_proven & (due | of_division | of_agency))
        query = select(callbacks.c.party).where(may_be_told, callbacks.c.party.not_in(besides), wants)
        return [PartyId(each) for each in (await self._session.execute(query)).scalars()]


class Leases:
    """One process at a time tells a party, so that its rate and its order hold however many run."""

    def __init__(self, session: WriteSession, lease: Id, life: timedelta) -> None:
        self._session = session
        self._lease = lease
        self._life = life

    async def take(self, party: PartyId, at: datetime) -> Callback | None:
        """None when another holds it, or the callback is off."""
        free = (callbacks.c.leased_until <= at) | (callbacks.c.lease == self._lease)
        mine = update(callbacks).where(callbacks.c.party == party, callbacks.c.is_on, free)
        taken = mine.values(lease=self._lease, leased_until=at + self._life).returning(*_COLUMNS)
        row = (await self._session.execute(taken)).one_or_none()
        return _callback(row) if row else None

    async def note_proof(self, callback: Callback) -> None:
        """What came of asking this address; if another one was registered meanwhile, nothing."""
        said = {"proof": callback.proof, "proof_since": callback.proof_since, "proof_failure": callback.proof_failure}
        same = (callbacks.c.party == callback.party) & (callbacks.c.url == callback.url) & (callbacks.c.lease == self._lease)
        await self._session.execute(update(callbacks).where(same).values(said))

    async def release(self, callback: Callback, at: datetime) -> None:
        """With what is known of the party now, for whoever has it next."""
        said = {"failures": callback.failures, "resumes_at": callback.resumes_at, "free_at": callback.free_at}
        mine = (callbacks.c.party == callback.party) & (callbacks.c.lease == self._lease)
        await self._session.execute(update(callbacks).where(mine).values(**said, leased_until=at, lease=None))


class CallbackKeys:
    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(self, party: PartyId, key: CallbackKey, at: datetime) -> None:
        private = self._sealer.seal_bytes(key.private)
        row = {"id": key.id, "party": party, "public": key.public, "private": private, "made_at": at, "signs_from": key.signs_from}
        await self._session.execute(insert(callback_keys).values(row))

    async def of(self, party: PartyId) -> list[CallbackKey]:
        """Newest first."""
        query = select(callback_keys).where(callback_keys.c.party == party).order_by(callback_keys.c.signs_from.desc())
        return [self._key(row) for row in await self._session.execute(query)]

    async def signing(self, party: PartyId, at: datetime) -> CallbackKey:
        return next(each for each in await self.of(party) if each.signs_from <= at)

    def _key(self, row: Row[Any]) -> CallbackKey:
        return CallbackKey(row.id, row.public, self._sealer.open_bytes(row.private), row.signs_from)


def _callback(row: Row[Any]) -> Callback:
    return Callback(
        party=PartyId(row.party),
        scope=Scope(DivisionCode.read(row.division), CreditCode.read(row.agency)),
        url=row.url,
        per_second=row.per_second,
        at_once=row.at_once,
        is_on=row.is_on,
        registered_at=row.registered_at,
        planned=(int(row.transaction), row.planned_id),
        failures=row.failures,
        resumes_at=row.resumes_at,
        free_at=row.free_at,
        proof=row.proof,
        proof_since=row.proof_since,
        proof_failure=row.proof_failure,
    )
