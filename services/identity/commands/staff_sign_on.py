"""How officers begin: by a code that their agency handed them."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from services.identity.commands import proofs
from services.identity.commands.sign_on import revoke_session
from services.identity.domain.secrets import digest
from services.identity.domain.staff import Staff
from services.identity.repository import Passkeys, Sessions, StaffMembers


def account_of(agency: str, number: str) -> str:
    """The name under which an officer's wrong proofs count."""
    return f"staff {agency} {number}"


async def activate(
    session: WriteSession, agency: str, number: str, code: str, hashed: str, source: str, sealer: Sealer, *, at: datetime
) -> Staff | None:
    """The officer with the chosen password. What they signed on with before is worth nothing any more.

    None when the code is not theirs, or has expired, or too many were tried.
    """
    members = StaffMembers(session, sealer)
    officer = await members.numbered(agency, number, lock=True)
    is_right = officer is not None and officer.may_be_activated(digest(code), at)
    counts = await proofs.note_attempt(session, account_of(agency, number), source, sealer, is_right=is_right, at=at)
    if officer is None or not counts:
        return None
    await members.choose_password(officer, hashed)
    await Passkeys(session).remove_all(officer.id)
    for each in await Sessions(session).live_of(officer.id, at):
        await revoke_session(session, each.id, at=at)
    return officer
