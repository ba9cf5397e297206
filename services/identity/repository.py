from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from contracts.events.gateway import PartyChanged
from contracts.values import Assurance, PersonId, PersonName, Phone, ResidentId, SessionId
from services.identity.domain import (
    CODE_ATTEMPTS,
    AlreadyRegistered,
    AuthorizationRequest,
    NoSuchPerson,
    Person,
    Session,
    Verification,
    digest,
)
from services.identity.tables import assertions, authorization_codes, clients, persons, refresh_tokens, sessions, sms_codes, verifications


class Persons:
    """Persons by id, resident id or phone. Their data is sealed on the way in and opened on the way out."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        """Raises NoSuchPerson."""
        found = await self._one(select(persons).where(persons.c.id == person_id), lock=lock)
        if found is None:
            raise NoSuchPerson
        return found

    async def named(self, username: str, *, lock: bool = False) -> Person | None:
        """By resident id, or by phone where only one person has it."""
        key = self._sealer.lookup(username.strip().upper())
        rows = select(persons).where((persons.c.resident_key == key) | (persons.c.phone_key == key)).limit(2)
        found = (await self._session.execute(rows.with_for_update() if lock else rows)).all()
        return self._person(found[0]) if len(found) == 1 else None

    async def add(self, person: Person) -> None:
        """Raises AlreadyRegistered when the resident id is taken."""
        row = {
            "id": person.id,
            "name": self._sealer.seal(person.name),
            "resident_id": self._sealer.seal(person.resident_id),
            "resident_key": self._sealer.lookup(person.resident_id),
            "phone": self._sealer.seal(person.phone),
            "phone_key": self._sealer.lookup(person.phone),
            "registered_at": person.registered_at,
        }
        try:
            await self._session.execute(insert(persons).values(row | _state(person)))
        except IntegrityError as taken:
            raise AlreadyRegistered from taken

    async def save(self, person: Person) -> None:
        await self._session.execute(update(persons).where(persons.c.id == person.id).values(_state(person)))

    async def prove(self, person_id: PersonId, proof: Verification) -> None:
        await self._session.execute(
            insert(verifications).values(
                person_id=person_id,
                method=proof.method,
                provider=proof.provider,
                reference=proof.reference,
                assurance=int(proof.assurance),
                at=proof.at,
            )
        )

    async def _one(self, query: Select[Any], *, lock: bool) -> Person | None:
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return self._person(row) if row else None

    def _person(self, row: Row[Any]) -> Person:
        return Person(
            id=PersonId(row.id),
            name=PersonName(self._sealer.open(row.name)),
            resident_id=ResidentId(self._sealer.open(row.resident_id)),
            phone=Phone(self._sealer.open(row.phone)),
            password=row.password,
            assurance=Assurance(row.assurance),
            registered_at=row.registered_at,
            failures=row.failures,
            locked_until=row.locked_until,
        )


def _state(person: Person) -> dict[str, Any]:
    return {
        "password": person.password,
        "assurance": int(person.assurance),
        "failures": person.failures,
        "locked_until": person.locked_until,
    }


class SmsCodes:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def claim(self, phone_key: bytes, code: bytes, *, sent_at: datetime, expires_at: datetime, pause: timedelta) -> bool:
        """Put a new code in the place of one that was sent at least `pause` ago; False when there is a younger one."""
        row = {"phone_key": phone_key, "code": code, "attempts": 0, "sent_at": sent_at, "expires_at": expires_at}
        statement = upsert(sms_codes).values(row)
        claimed = await self._session.execute(
            statement.on_conflict_do_update(index_elements=["phone_key"], set_=row, where=sms_codes.c.sent_at <= sent_at - pause)
        )
        return claimed.rowcount == 1

    async def tried(self, phone_key: bytes, at: datetime) -> bytes | None:
        """Count one attempt; the code that is right now, as it was put, if there is one."""
        row = (
            await self._session.execute(
                update(sms_codes)
                .where(sms_codes.c.phone_key == phone_key, sms_codes.c.expires_at > at)
                .values(attempts=sms_codes.c.attempts + 1)
                .returning(sms_codes.c.code, sms_codes.c.attempts)
            )
        ).one_or_none()
        return row.code if row and row.attempts <= CODE_ATTEMPTS else None

    async def use(self, phone_key: bytes) -> None:
        await self._session.execute(delete(sms_codes).where(sms_codes.c.phone_key == phone_key))


class Clients:
    """Parties as OAuth clients, as the gateway last told of them."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, client_id: str) -> Row[Any] | None:
        """Columns of `clients`, of an active one."""
        return (await self._session.execute(select(clients).where(clients.c.id == client_id, clients.c.is_active))).one_or_none()

    async def put(self, event: PartyChanged) -> None:
        row = {
            "id": event.party_id,
            "name": event.name,
            "kind": event.kind,
            "is_active": event.status == "active",
            "jwks": list(event.jwks),
            "redirect_uris": list(event.redirect_uris),
            "changed_at": event.changed_at,
        }
        statement = upsert(clients).values(row)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row, where=clients.c.changed_at < event.changed_at)
        )

    async def is_first_use(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """True once per assertion."""
        row = {"client_id": client_id, "jti": jti, "expires_at": expires_at}
        inserted = await self._session.execute(upsert(assertions).values(row).on_conflict_do_nothing())
        return inserted.rowcount == 1


class Sessions:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, sign_on: Session, cookie: str) -> None:
        await self._session.execute(
            insert(sessions).values(
                id=sign_on.id,
                person_id=sign_on.person_id,
                cookie=digest(cookie),
                signed_on_at=sign_on.signed_on_at,
                expires_at=sign_on.expires_at,
            )
        )

    async def of_cookie(self, cookie: str) -> Session | None:
        return await self._one(select(sessions).where(sessions.c.cookie == digest(cookie)))

    async def get(self, session_id: str) -> Session | None:
        return await self._one(select(sessions).where(sessions.c.id == session_id))

    async def revoke(self, session_id: str, at: datetime) -> Session | None:
        """The session, if it was live until now."""
        query = update(sessions).where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None)).values(revoked_at=at)
        return _session((await self._session.execute(query.returning(sessions))).one_or_none())

    async def _one(self, query: Select[Any]) -> Session | None:
        return _session((await self._session.execute(query)).one_or_none())


def _session(row: Row[Any] | None) -> Session | None:
    return Session(SessionId(row.id), PersonId(row.person_id), row.signed_on_at, row.expires_at, row.revoked_at) if row else None


class Grants:
    """Codes and refresh tokens, stored as digests."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add_code(self, code: str, request: AuthorizationRequest, session_id: SessionId, expires_at: datetime) -> None:
        await self._session.execute(
            insert(authorization_codes).values(
                code=digest(code),
                client_id=request.client_id,
                session_id=session_id,
                redirect_uri=request.redirect_uri,
                challenge=request.challenge,
                nonce=request.nonce,
                scope=request.scope,
                expires_at=expires_at,
            )
        )

    async def use_code(self, code: str, client_id: str, at: datetime) -> tuple[Row[Any] | None, bool]:
        """The row of a code of this client and whether this is its first use; (None, False) when there is none."""
        mine = (authorization_codes.c.code == digest(code)) & (authorization_codes.c.client_id == client_id)
        first = update(authorization_codes).where(mine, authorization_codes.c.used_at.is_(None)).values(used_at=at)
        row = (await self._session.execute(first.returning(authorization_codes))).one_or_none()
        if row:
            return row, True
        return (await self._session.execute(select(authorization_codes).where(mine))).one_or_none(), False

    async def add_refresh(self, token: str, *, client_id: str, session_id: str, scope: str, expires_at: datetime) -> None:
        row = {"token": digest(token), "client_id": client_id, "session_id": session_id, "scope": scope, "expires_at": expires_at}
        await self._session.execute(insert(refresh_tokens).values(row))

    async def refresh(self, token: str, client_id: str) -> Row[Any] | None:
        mine = (refresh_tokens.c.token == digest(token)) & (refresh_tokens.c.client_id == client_id)
        return (await self._session.execute(select(refresh_tokens).where(mine))).one_or_none()
