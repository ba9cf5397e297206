"""Renders every failure as `application/problem+json`, in one place, never echoing what was sent.

Source: RFC 9457.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.errors import ServiceError
from contracts import problems
from contracts.headers import REQUEST_ID
from contracts.problems import ProblemType, common
from contracts.rules import in_chinese

log = structlog.get_logger()

_ERRORS_SHOWN: Final = 20
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_BY_STATUS: Final = {
    400: common.MALFORMED_BODY,
    401: common.NOT_AUTHENTICATED,
    403: common.FORBIDDEN,
    404: common.NOT_FOUND,
    405: common.METHOD_NOT_ALLOWED,
    413: common.BODY_TOO_LARGE,
    415: common.UNSUPPORTED_MEDIA_TYPE,
}


def render(
    request: Request, problem: ProblemType, *, detail: str = "", headers: dict[str, str] | None = None, **extensions: Any
) -> Response:
    body = problems.body(
        problem,
        language=problems.preferred_language(request.headers.get("accept-language", "")),
        detail=detail,
        request_id=request.headers.get(REQUEST_ID, ""),
        **extensions,
    )
    content = json.dumps(body, ensure_ascii=False, default=str).encode()
    return Response(content, problem.status, headers, problems.MEDIA_TYPE)


def install(app: FastAPI) -> None:
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    headers = {"retry-after": "1"} if error.is_retryable else None
    if error.problem.status >= 500:
        log.warning("request_refused", code=error.problem.code, cause=repr(error.__cause__) if error.__cause__ else None)
    return render(request, error.problem, detail=error.detail, headers=headers, **error.extensions)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return render(request, common.INVALID_REQUEST, errors=field_errors(error.errors()))


def field_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Which fields are wrong and by which rule; never their values."""
    return [
        {
            "field": ".".join(_place(part) for part in each["loc"]),
            "rule": each["type"],
            "message": _safe(each["msg"]),
            "zh": _safe(in_chinese(each)),
        }
        for each in errors[:_ERRORS_SHOWN]
    ]


def _place(part: int | str) -> str:
    """A position, or a name as ours are: whoever put a person's number in the place of a name does not get it back."""
    return str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?"


def _safe(message: str) -> str:
    return message.encode("utf-8", "replace").decode()[:200]


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = _BY_STATUS.get(error.status_code, common.INTERNAL)
    headers = dict(error.headers) if error.headers else None
    return render(request, problem, headers=headers)
