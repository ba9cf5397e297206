"""Ratings 好差评: tickets from closed cases, ratings, replies, and what the public sees."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Answer, Day, Instant, Model, Paragraph
from contracts.values import CaseNumber, CreditCode, DivisionCode, RatingId, TaskCode, TicketId

State = Literal["published", "dispatched", "replied"]
Stars = Annotated[int, Field(strict=True, ge=1, le=5)]
Tag = Annotated[str, Field(pattern=r"^[1-5][0-9]{2}$")]
Channel = Literal["pc", "app", "miniprogram", "qr", "kiosk"]
Words = Annotated[Paragraph, Field(pattern=r"\S")]
"""A paragraph that says something: white space alone is no comment and no reply."""


class Invitation(Answer):
    """A ticket to rate one closed case, once. It works for its person only."""

    ticket_id: TicketId
    case_number: CaseNumber
    matter_name: str
    agency_name: str
    expires_at: Instant
    is_used: bool


class TagText(Answer):
    """An evaluation item 评价项; its first digit is the number of stars it goes with."""

    code: str
    zh: str
    en: str


class Submit(Model):
    """`stars` from 1 (非常不满意) to 5 (非常满意). A tag's first digit is the stars."""

    ticket_id: TicketId
    stars: Stars
    tags: Annotated[list[Tag], Field(max_length=10)] = Field(default_factory=list)
    text: Annotated[Words, Field(max_length=500)] | None = None
    is_anonymous: bool = False
    channel: Channel = "app"


class Submitted(Answer):
    """`reply_due_on` is set for bad ratings (one or two stars): the unit must have replied by then.

    It is provisional beyond the known calendar of working days.
    """

    rating_id: RatingId
    case_number: CaseNumber
    task_code: TaskCode
    stars: int
    level_zh: str
    state: State
    reply_due_on: Day | None = None
    is_due_provisional: bool = False


class Task(Answer):
    """A bad rating that waits for the responsible unit. Nothing in it says who rated."""

    rating_id: RatingId
    case_number: CaseNumber
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    division: DivisionCode
    stars: int
    tags: list[TagText]
    text: str | None
    rated_at: Instant
    reply_due_on: Day
    is_due_provisional: bool = False
    is_overdue: bool


class Reply(Model):
    """整改或说明: what the unit did, published beside the rating 双公开."""

    kind: Literal["rectified", "explained"]
    text: Words


class Replied(Answer):
    rating_id: RatingId
    state: State
    replied_at: Instant


class PublicReply(Answer):
    kind: str
    text: str
    replied_at: Instant


class PublicRating(Answer):
    """A rating as everybody sees it: no person, no case, no officer; what looks personal in a text is masked."""

    rating_id: RatingId
    matter_name: str
    task_code: TaskCode
    agency: CreditCode
    agency_name: str
    stars: int
    level_zh: str
    level_en: str
    tags: list[TagText]
    text: str | None
    rated_on: Day
    reply: PublicReply | None = None


class OwnRating(Answer):
    """A rating as its author sees it."""

    rating_id: RatingId
    case_number: CaseNumber
    matter_name: str
    stars: int
    text: str | None
    state: State
    rated_at: Instant
    reply: PublicReply | None = None
