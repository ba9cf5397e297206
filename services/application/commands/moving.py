"""The one place where a case moves: row, history, and what follows from it are one transaction."""

from collections.abc import Callable
from datetime import datetime

from chassis.database import WriteSession, written
from chassis.sealing import Sealer
from contracts.values import CaseNumber, OfficerId
from services.application.commands import clocks, documents, notifications
from services.application.domain.case import Case, Scope, check_role
from services.application.domain.lifecycle import MESH, Act, Actor, Role
from services.application.repository import Cases, record
from services.application.repository.dispatches import add_dispatch
from services.application.repository.permits import tell_supervisor


async def begin(session: WriteSession, founded: Case, case: Case, *, by: Actor, at: datetime, began_at: datetime | None = None) -> None:
    """The first records of a case whose row is there: `founded` by its submission, it is a `case` in pre-review at once where it is not
    the same. The submission took from `began_at`, the first edit, until `at`."""
    await record(session, None, founded, Act.SUBMIT, by=by, at=at, began_at=began_at)
    await add_dispatch(session, founded, Act.SUBMIT, founded.agency, founded.division, is_new=True, at=at)
    if case is not founded:
        check_role(Act.BEGIN_PREREVIEW, MESH)
        await record(session, founded, case, Act.BEGIN_PREREVIEW, by=MESH, at=at)
        await add_dispatch(session, case, Act.BEGIN_PREREVIEW, case.agency, case.division, is_new=True, at=at)
        await notifications.follow(session, case, Act.BEGIN_PREREVIEW, at=at)
    await clocks.begin(session, case, at=at)


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
    replaced: bytes | None = None,
) -> Case:
    """The case afterwards. Raises NotInThisRole, and CaseHasChanged when somebody moved it since it was read."""
    check_role(act, by)
    await written(session)
    after = await clocks.dated(session, before, after, act, at=at)
    await Cases(session, sealer).save(before, after)
    await record(session, before, after, act, by=by, at=at, began_at=began_at, note=note, replaced=replaced)
    await documents.issue(session, after, act, sealer, at=at)
    await _follow(session, before, after, act, at=at)
    return after


async def handle(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    act: Act,
    step: Callable[[Case], Case],
    sealer: Sealer,
    *,
    role: Role,
    by: OfficerId,
    at: datetime,
    revision: int | None = None,
    note: str | None = None,
) -> Case:
    """One step by an officer of the case's agency, who read `revision` if they say so. Raises NoSuchCase, CaseHasChanged, and as the
    step does."""
    case = await Cases(session, sealer).within(number, scope, act=act, lock=True)
    case.check_revision(revision)
    return await move(session, case, step(case), act, sealer, by=Actor(role, case.agency_name, by), at=at, note=note)


async def note_act(session: WriteSession, case: Case, act: Act, *, by: Actor, at: datetime, note: str | None = None) -> None:
    """A record of what changes nothing of the case itself."""
    await record(session, case, case, act, by=by, at=at, note=note)


async def _follow(session: WriteSession, before: Case, after: Case, act: Act, *, at: datetime) -> None:
    """What follows from every move, in its transaction."""
    await add_dispatch(session, after, act, after.agency, after.division, at=at)
    await tell_supervisor(session, after, act, at=at)
    await clocks.follow(session, before, after, at=at)
    await notifications.follow(session, after, act, at=at)
