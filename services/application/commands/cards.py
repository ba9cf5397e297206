"""Cards 红黄牌."""

from datetime import datetime

from chassis.database import WriteSession
from services.application.domain.case import Case
from services.application.domain.supervision import RuleCode


async def raise_card(session: WriteSession, case: Case, rule: RuleCode, *, at: datetime, note: str | None = None) -> bool:  # noqa: ARG001 (a stub)
    """Whether a card was raised."""
    return False
