"""Cards 红黄牌: one open card a case and rule, answered and never deleted."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select, text, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from contracts.values import CardId, OfficerId
from services.application.domain.case import Case, Scope
from services.application.domain.supervision import CardIsAnswered, NoSuchCard, RuleCode
from services.application.repository import sight
from services.application.repository.rules import rules
from services.application.tables import cards

_IS_OPEN: Final = text("answered_at IS NULL")


async def raise_card(session: WriteSession, case: Case, rule: RuleCode, *, at: datetime, note: str | None = None) -> bool:
    """Whether a card was raised: none is where one of this case and rule is open. `note` says what about, in both languages."""
    said = rules()[rule]
    row = {
        "id": CardId.new(),
        "case_id": case.id,
        "number": case.number,
        "rule": rule.value,
        "colour": said.colour,
        "to_supervisor": said.to_supervisor,
        "task_code": case.task_code,
        "agency": case.agency,
        "division": case.division,
        "note": note,
        "raised_at": at,
    }
    statement = upsert(cards).values(row).on_conflict_do_nothing(index_elements=["case_id", "rule"], index_where=_IS_OPEN)
    return bool((await session.execute(statement)).rowcount)


async def answer_card(session: WriteSession, card_id: CardId, scope: Scope | None, answer: str, *, by: OfficerId, at: datetime) -> None:
    """Within the scope, if there is one. Raises NoSuchCard, CardIsAnswered."""
    mine: ColumnElement[bool] = true()
    if scope:
        mine = sight.decided(scope, sight.OF_CARDS)
    found = await session.execute(select(cards.c.answered_at).where(cards.c.id == card_id, mine).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise NoSuchCard
    if row.answered_at:
        raise CardIsAnswered
    await session.execute(update(cards).where(cards.c.id == card_id).values(answered_at=at, answered_by=by, answer=answer))
