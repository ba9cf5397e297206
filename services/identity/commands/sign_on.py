"""Signing on, and ending a sign-on everywhere."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import SessionRevoked
from contracts.values import Assurance, PersonId, SessionId
from services.identity import passwords
from services.identity.domain.persons import Person
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import FRESH, Session
from services.identity.repository import Persons, Sessions

PASSWORD_ASSURANCE = Assurance.REAL_PERSON


async def check_password(person: Person | None, password: str) -> bool:
    """Outside any transaction, because it takes long on purpose."""
    return await passwords.is_right(person.password if person else None, password)


async def note_attempt(session: WriteSession, person: Person, sealer: Sealer, *, is_right: bool, at: datetime) -> bool:
    """Whether the attempt signs the person on. A locked account stays locked even for the right password."""
    people = Persons(session, sealer)
    current = await people.get(person.id, lock=True)
    if current.is_locked(at):
        return False
    await people.save(current.succeeded() if is_right else current.failed(at))
    return is_right


async def open_session(session: WriteSession, person: Person, *, at: datetime) -> tuple[Session, str]:
    """The new session and the secret for its cookie."""
    fresh_until = at + FRESH
    sign_on = Session(
        id=SessionId.new(),
        person_id=person.id,
        signed_on_at=at,
        proven_at=at,
        fresh_until=fresh_until,
        expires_at=fresh_until,
        methods=("pwd",),
        assurance=min(person.assurance, PASSWORD_ASSURANCE),
    )
    cookie = new_secret()
    await Sessions(session).add(sign_on, cookie)
    return sign_on, cookie


async def revoke_session(session: WriteSession, session_id: str, *, at: datetime) -> None:
    """End a sign-on everywhere; the gateway hears of it within moments."""
    ended = await Sessions(session).revoke(session_id, at)
    if ended:
        await publish(session, SessionRevoked(session_id=ended.id, person_id=PersonId(ended.account), revoked_at=at), at=at)
