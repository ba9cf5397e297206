"""What applicants are to be told, and what became of telling them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, case, insert, select, update

from chassis.database import WriteSession, put
from contracts.api.identity.messages import MessageState
from contracts.values import CaseNumber, Id, PersonId
from services.application.domain import telling
from services.application.domain.case import Case
from services.application.domain.lifecycle import Act
from services.application.domain.telling import Channel
from services.application.repository import texts
from services.application.tables import cases, notifications

_TELL: Final = insert(notifications)
_AT_ONCE: Final = 20
_OPEN: Final = ("queued", "sending", "sent")
_AWAY: Final = "发送方无应答 the sender does not answer"


@dataclass(frozen=True, slots=True)
class Due:
    """A message that this process is to send, or to ask after when it `is_sent`. Its key is `id`."""

    id: Id
    person: PersonId
    number: CaseNumber
    channel: Channel
    text: str
    attempts: int
    is_sent: bool
    made_at: datetime


async def follow(session: WriteSession, moved: Case, act: Act, *, at: datetime) -> None:
    """In the transaction of the act; for acts that nobody is told of it costs nothing."""
    if texts.is_told(act):
        said = {
            "case_id": moved.id,
            "person_id": moved.person,
            "act": act.value,
            "state": "queued",
            "attempts": 0,
            "made_at": at,
            "next_at": at,
        }
        await put(session, _TELL, *(said | {"id": Id.new(), "channel": channel} for channel in telling.CHANNELS))


async def claim(session: WriteSession, *, at: datetime) -> list[Due]:
    """Some of those that are due, for this process alone until the lease ends."""
    due = (
        select(notifications, cases.c.number, cases.c.matter_name, cases.c.due_on)
        .join(cases, cases.c.id == notifications.c.case_id)
        .where(notifications.c.next_at <= at)
        .order_by(notifications.c.next_at)
        .limit(_AT_ONCE)
        .with_for_update(of=notifications, skip_locked=True)
    )
    claimed = [_due(row) for row in await session.execute(due)]
    ids = [each.id for each in claimed]
    state = case((notifications.c.state == "queued", "sending"), else_=notifications.c.state)
    await session.execute(update(notifications).where(notifications.c.id.in_(ids)).values(state=state, next_at=at + telling.LEASE))
    return claimed


async def settle(session: WriteSession, due: Due, found: MessageState | None, *, at: datetime) -> None:
    """What its sender said of it, or nothing when it is away."""
    attempts = due.attempts if due.is_sent else due.attempts + 1
    said: dict[str, Any] = {"attempts": attempts}
    if found is None:
        given_up = not due.is_sent and attempts >= telling.ATTEMPTS
        said |= {"state": "failed", "failure": _AWAY, "next_at": None} if given_up else {"next_at": at + telling.pause(attempts)}
    elif found.state == "sent":
        may_come = at < due.made_at + telling.RECEIPT_WITHIN
        said |= {"state": "sent", "next_at": at + telling.RECEIPT_PAUSE if may_come else None}
    else:
        said |= {"state": found.state, "failure": found.failure, "next_at": None}
    if found and found.state != "failed" and not due.is_sent:
        said["sent_at"] = at
    if found and found.state == "delivered":
        said["delivered_at"] = at
    await session.execute(update(notifications).where(notifications.c.id == due.id, notifications.c.state.in_(_OPEN)).values(said))


def _due(row: Row[Any]) -> Due:
    text = texts.text(Act(row.act), row.matter_name, row.due_on)
    return Due(
        Id(row.id), PersonId(row.person_id), CaseNumber(row.number), row.channel, text, row.attempts, row.state == "sent", row.made_at
    )
