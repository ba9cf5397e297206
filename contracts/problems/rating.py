"""Refusals of the rating service."""

from contracts.problems import ProblemType, register

TICKET_NOT_FOUND = register(ProblemType("ticket-not-found", 404, "评价凭证不存在", "No such ticket of this person"))
TICKET_USED = register(ProblemType("ticket-already-used", 409, "该办件已评价", "The case was rated before"))
TICKET_EXPIRED = register(ProblemType("ticket-expired", 410, "评价期限已过", "The time for rating has passed"))
TAG_NOT_VALID = register(
    ProblemType("tag-not-valid", 422, "评价项与星级不符或不存在", "A tag does not exist or does not go with the stars")
)
RATING_NOT_FOUND = register(ProblemType("rating-not-found", 404, "评价不存在", "No such rating"))
NOT_AWAITING_REPLY = register(ProblemType("rating-not-awaiting-reply", 409, "该评价不在待答复状态", "The rating does not await a reply"))
