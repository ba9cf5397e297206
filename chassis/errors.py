"""What can go wrong, as facts that a caller can act on.

ServiceError
├── Invalid        the request can never succeed as it is
├── Unauthorised   nobody known is calling
├── Forbidden      somebody known, who may not
├── NotFound       no such thing, or none that this caller may know of
├── Conflict       the thing is in another state than the request needs
└── Unavailable    try again later: consumers retry exactly this kind
"""

from typing import Any, ClassVar

from contracts.problems import ProblemType, common


class ServiceError(Exception):
    """A refusal with a registered problem type; `extensions` become members of the problem body."""

    problem: ClassVar[ProblemType] = common.INTERNAL
    is_retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **extensions: Any) -> None:
        super().__init__(detail or self.problem.en)
        self.detail = detail
        self.extensions = extensions


class Invalid(ServiceError):
    problem = common.INVALID_REQUEST


class Unauthorised(ServiceError):
    problem = common.NOT_AUTHENTICATED


class Forbidden(ServiceError):
    problem = common.FORBIDDEN


class NotFound(ServiceError):
    problem = common.NOT_FOUND


class Conflict(ServiceError):
    problem = common.CONFLICT


class RefusedByNeighbour(Conflict):
    """A neighbour's own refusal for a state that is its own: asking again does not help, unlike a lost race."""


class Unavailable(ServiceError):
    problem = common.UNAVAILABLE
    is_retryable = True


class MalformedBody(Invalid):
    problem = common.MALFORMED_BODY


class BodyTooLarge(Invalid):
    problem = common.BODY_TOO_LARGE


class UnsupportedMediaType(Invalid):
    problem = common.UNSUPPORTED_MEDIA_TYPE


class IdempotencyKeyRequired(Invalid):
    problem = common.IDEMPOTENCY_KEY_REQUIRED


class IdempotencyKeyReused(Invalid):
    problem = common.IDEMPOTENCY_KEY_REUSED


class RequestInProgress(Conflict):
    problem = common.REQUEST_IN_PROGRESS
