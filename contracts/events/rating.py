"""What the rating service tells the mesh."""

from typing import ClassVar

from contracts.events import Event
from contracts.strict import Day, Instant
from contracts.values import CaseNumber, CreditCode, OfficerId, PersonId, RatingId, TaskCode, TicketId


class RatingInvited(Event):
    TYPE: ClassVar[str] = "rating.invited"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("rating",)

    ticket_id: TicketId
    case_number: CaseNumber
    person_id: PersonId
    expires_at: Instant

    def key(self) -> str:
        return self.case_number


class RatingSubmitted(Event):
    """三对应: the rating stands for a case, a matter and an officer. `stars` from 1 (worst) to 5."""

    TYPE: ClassVar[str] = "rating.submitted"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("rating",)

    rating_id: RatingId
    case_number: CaseNumber
    task_code: TaskCode
    agency: CreditCode
    officer: OfficerId
    stars: int

    def key(self) -> str:
        return self.case_number


class RatingReplied(Event):
    TYPE: ClassVar[str] = "rating.replied"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("rating",)

    rating_id: RatingId
    case_number: CaseNumber
    agency: CreditCode
    replied_at: Instant

    def key(self) -> str:
        return self.case_number


class RatingReplyMissed(Event):
    """A bad rating that was to be answered by the end of the day `due_on` and was not answered by that of `missed_on`: so many full
    `periods` of the time for an answer have passed."""

    TYPE: ClassVar[str] = "rating.reply_missed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("rating",)

    rating_id: RatingId
    case_number: CaseNumber
    agency: CreditCode
    due_on: Day
    missed_on: Day
    periods: int

    def key(self) -> str:
        return self.case_number
