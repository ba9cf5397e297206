"""What ratings make of the cases that they are about."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.events.rating import RatingReplyMissed
from services.application.commands.cards import raise_card
from services.application.domain.supervision import RuleCode
from services.application.repository import Cases


async def note_missed(session: WriteSession, missed: RatingReplyMissed, sealer: Sealer, *, at: datetime) -> None:
    """Yellow when the deadline is missed, red one full period later. Raises NoSuchCase. Source: standards.md 4.6, R09."""
    case = await Cases(session, sealer).numbered(missed.case_number)
    note = f"差评逾期未答复 a bad rating was not answered: {missed.rating_id}，{missed.missed_on}"
    await raise_card(session, case, RuleCode.R09, at=at, note=note, colour="red" if missed.periods > 1 else "yellow")
