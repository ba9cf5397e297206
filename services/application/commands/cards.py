"""Cards 红黄牌: one open card a case and rule, which lists everything that it is about; answered and never deleted."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, literal_column, select, text, true, update
from sqlalchemy import case as either
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.dml import ReturningInsert

from chassis.database import WriteSession
from contracts.values import CardId, OfficerId
from services.application.domain.case import Case, Scope
from services.application.domain.supervision import CardIsAnswered, Colour, NoSuchCard, RuleCode
from services.application.repository import sight
from services.application.repository.rules import rules
from services.application.tables import cards

_IS_OPEN: Final = text("answered_at IS NULL")
_ADD: Final = upsert(cards)
_ADDED: Final[ReturningInsert[tuple[bool]]] = _ADD.on_conflict_do_update(
    index_elements=["case_id", "rule"],
    index_where=_IS_OPEN,
    set_={
        "occasions": cards.c.occasions.op("||")(_ADD.excluded.occasions),
        # A card may become redder, and not less so.
        "colour": either((_ADD.excluded.colour == "red", "red"), else_=cards.c.colour),
    },
    where=~cards.c.occasions.contains(func.jsonb_build_array(func.jsonb_build_object("note", _ADD.excluded.note))),
).returning(literal_column("xmax = 0"))


async def raise_card(
    session: WriteSession, case: Case, rule: RuleCode, *, at: datetime, note: str | None = None, colour: Colour | None = None
) -> bool:
    """Whether a card was raised: an open one of this case and rule is added to, unless it says the same already.

    `note` says what about, in both languages; `colour` is another than the rule's.
    """
    said = rules()[rule]
    row = {
        "id": CardId.new(),
        "case_id": case.id,
        "number": case.number,
        "rule": rule.value,
        "colour": colour or said.colour,
        "to_supervisor": said.to_supervisor,
        "task_code": case.task_code,
        "agency": case.agency,
        "division": case.division,
        "note": note,
        "occasions": [{"note": note, "at": at.isoformat()}],
        "raised_at": at,
    }
    return bool((await session.execute(_ADDED, row)).scalar())


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
