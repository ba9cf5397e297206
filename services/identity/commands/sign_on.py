"""Signing on, proving oneself once more, and ending a sign-on everywhere."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.events.identity import SessionRevoked
from contracts.values import Assurance, PersonId, SessionId, StaffId
from services.identity.commands.proofs import methods
from services.identity.domain.methods import MethodCode
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import NoSuchDevice, Session
from services.identity.repository import LogoutDeliveries, Sessions


@dataclass(frozen=True, slots=True)
class Proof:
    """An account that was proven just now, by which methods, and what that is worth."""

    account: PersonId | StaffId
    methods: tuple[MethodCode, ...]
    assurance: Assurance


async def prove(
    session: WriteSession, proof: Proof, running: Session | None, *, device: str, login_free_days: int, at: datetime
) -> tuple[Session, str]:
    """The sign-on after a proof and the new secret for its cookie: the old one opens nothing any more.

    The running sign-on of the browser goes on when it is the same account's and the proof is worth as much; otherwise it
    ends, because nobody could end it from this browser later, and because a weaker proof may not keep a stronger fresh.
    """
    sign_ons, cookie = Sessions(session), new_secret()
    names = [methods()[each].amr for each in proof.methods]
    current = await sign_ons.get(running.id, lock=True) if running else None
    if current is not None and current.is_live(at):
        if current.account == proof.account and proof.assurance >= current.level(at):
            proven = current.proven(*names, assurance=proof.assurance, at=at, device=device)
            await sign_ons.save(proven, cookie=cookie)
            return proven, cookie
        await revoke_session(session, current.id, at=at)
    opened = Session.opened(proof.account, *names, assurance=proof.assurance, at=at, device=device, login_free_days=login_free_days)
    await sign_ons.add(opened, cookie)
    return opened, cookie


async def revoke_session(session: WriteSession, session_id: str, *, at: datetime) -> None:
    """End a sign-on everywhere; the gateway hears of it within moments, and so do clients that want to be told."""
    ended = await Sessions(session).revoke(session_id, at)
    if ended:
        await LogoutDeliveries(session).add(ended, at)
        await publish(session, SessionRevoked(session_id=ended.id, person_id=PersonId(ended.account), revoked_at=at), at=at)


async def end_device(session: WriteSession, person_id: PersonId, session_id: SessionId | None, *, at: datetime) -> None:
    """End one sign-on of the person. Raises NoSuchDevice for one that is not theirs or has ended."""
    found = await Sessions(session).get(session_id) if session_id else None
    if found is None or found.person_id != person_id or not found.is_live(at):
        raise NoSuchDevice
    await revoke_session(session, found.id, at=at)


async def end_others(session: WriteSession, person_id: PersonId, *, but: str | None, at: datetime) -> None:
    """End every sign-on of the person but one."""
    for each in await Sessions(session).live_of(person_id, at):
        if each.id != but:
            await revoke_session(session, each.id, at=at)


async def revoke_all(session: WriteSession, account: PersonId | StaffId, *, at: datetime) -> None:
    """End every sign-on of an account, as `revoke_session` does."""
    for ended in await Sessions(session).revoke_all(account, at):
        await LogoutDeliveries(session).add(ended, at)
        await publish(session, SessionRevoked(session_id=ended.id, person_id=PersonId(account), revoked_at=at), at=at)
