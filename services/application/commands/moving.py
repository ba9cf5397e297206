"""The one place where a case moves: row, history, and what follows from it are one transaction."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from services.application.commands import notifications
from services.application.domain.case import Case
from services.application.domain.lifecycle import Act, Actor
from services.application.repository import Cases, record


async def begin(session: WriteSession, case: Case, *, by: Actor, at: datetime, began_at: datetime | None = None) -> None:
    """The first record of a case whose row is there. It took from `began_at`, the first edit, until `at`."""
    await record(session, None, case, Act.SUBMIT, by=by, at=at, began_at=began_at)
    await _follow(session, None, case, Act.SUBMIT, at=at)


async def move(
    session: WriteSession,
    before: Case,
    after: Case,
    act: Act,
    sealer: Sealer,
    *,
    by: Actor,
    at: datetime,
    began_at: datetime | None = None,
    note: str | None = None,
) -> Case:
    """The case afterwards. Raises CaseHasChanged when somebody moved it since it was read."""
    await Cases(session, sealer).save(before, after)
    await record(session, before, after, act, by=by, at=at, began_at=began_at, note=note)
    await _follow(session, before, after, act, at=at)
    return after


async def note_act(session: WriteSession, case: Case, act: Act, *, by: Actor, at: datetime, note: str | None = None) -> None:
    """A record of what changes nothing of the case itself."""
    await record(session, case, case, act, by=by, at=at, note=note)


async def _follow(session: WriteSession, before: Case | None, after: Case, act: Act, *, at: datetime) -> None:
    """What follows from every move, in its transaction."""
    if before is not None:
        await notifications.follow(session, after, act, at=at)
