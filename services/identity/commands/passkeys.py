"""Passkeys: asking for one, and what its answer proves."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import WriteSession
from contracts.values import PersonId, StaffId
from services.identity.domain.passkeys import CHALLENGE_LIFE, PASSKEYS_OF_ONE, Challenge, Passkey, Purpose
from services.identity.passkeys import Site, answered, new_challenge
from services.identity.repository import Passkeys


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent, and who was asked. `site` is None where there can be no passkeys."""

    site: Site | None
    credential: str
    owner: bytes


async def ask(session: WriteSession, purpose: Purpose, *, owner: bytes, at: datetime, staff_id: StaffId | None = None) -> bytes:
    """A new challenge; it is answered once, by its owner, within five minutes."""
    challenge = new_challenge()
    await Passkeys(session).ask(challenge, Challenge(purpose, owner, at + CHALLENGE_LIFE, staff_id))
    return challenge


async def used(session: WriteSession, answer: Answer, purpose: Purpose, *, at: datetime) -> tuple[Passkey, Challenge] | None:
    """The passkey that answered, and what was asked; the challenge is gone even when the answer is wrong."""
    claimed = answered(answer.credential)
    if answer.site is None or claimed is None:
        return None
    known = Passkeys(session)
    asked = await known.answer(claimed.challenge, purpose, answer.owner, at)
    passkey = await known.get(claimed.credential, lock=True) if asked else None
    count = answer.site.used(answer.credential, claimed.challenge, passkey) if passkey else None
    if asked is None or passkey is None or count is None:
        return None
    await known.used(passkey.credential, count, at)
    return passkey, asked


async def add(
    session: WriteSession, answer: Answer, purpose: Purpose, account: PersonId | None = None, *, device: str, at: datetime
) -> Passkey | None:
    """The new passkey of the account, which for an officer is whom the challenge was for.

    None when the answer does not hold or the account has enough of them.
    """
    claimed = answered(answer.credential)
    if answer.site is None or claimed is None:
        return None
    known = Passkeys(session)
    asked = await known.answer(claimed.challenge, purpose, answer.owner, at)
    made = answer.site.made(answer.credential, claimed.challenge) if asked else None
    owner = account or (asked.staff_id if asked else None)
    if made is None or owner is None or len(await known.of(owner)) >= PASSKEYS_OF_ONE or await known.get(made.credential):
        return None
    passkey = Passkey(made.credential, owner, made.public_key, made.sign_count, made.is_synced, device, at)
    await known.add(passkey)
    return passkey
