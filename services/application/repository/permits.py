"""What is told to the agencies that supervise a field."""

from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from chassis.database import ReadSession, WriteSession
from contracts.values import CreditCode, Id
from services.application.domain.case import Case
from services.application.domain.lifecycle import Act
from services.application.domain.permits import ENDS
from services.application.repository.dispatches import add_dispatch
from services.application.tables import history, permit_notices, permit_supervisors

_KINDS: Final = {
    Act.GRANT: "grant",
    Act.CHANGE_PERMIT: "change",
    Act.DEEM_RENEWED: "grant",
    # Which of them it was stands in the feed.
    **dict.fromkeys(ENDS, "revocation"),
}
ALL_OTHERS: Final = "*"


async def tell_supervisor(session: WriteSession, case: Case, act: Act, *, at: datetime) -> None:
    """In the transaction of the move: a notice to be received, and a row of the feed by which it is delivered."""
    kind = _KINDS.get(act)
    if kind is None:
        return
    known = select(permit_supervisors.c.agency).where(permit_supervisors.c.matter.in_([case.task_code.basic, ALL_OTHERS]))
    # The matter's own comes before the rest: `*` is less than any digit.
    supervisor = (await session.execute(known.order_by(permit_supervisors.c.matter.desc()).limit(1))).scalar_one_or_none()
    if supervisor is None:
        return
    names = ("number", "revision", "task_code", "matter_name", "agency", "agency_name")
    row = {"id": Id.new(), "supervisor": supervisor, "kind": kind, "at": at, **{name: getattr(case, name) for name in names}}
    await session.execute(insert(permit_notices).values(row))
    # An agency that supervises what it decides itself has the move in its feed as it is.
    if supervisor != case.agency:
        await add_dispatch(session, case, act, CreditCode(supervisor), None, at=at)


async def has_ended(session: ReadSession, case: Case) -> bool:
    """Whether what was granted holds no more."""
    ends = [act.value for act in ENDS]
    query = select(history.c.id).where(history.c.case_id == case.id, history.c.act.in_(ends)).limit(1)
    return (await session.execute(query)).first() is not None
