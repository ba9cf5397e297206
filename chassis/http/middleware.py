"""The one middleware of a service: request id, server span, one log line, and no failure without an answer.

Pure ASGI, because wrapping the application in Starlette's base class costs a task and hides context variables.
"""

import time
from typing import Final

import structlog
from opentelemetry.trace import SpanKind
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from chassis.http import patience, problems
from contracts.headers import DEADLINE, REQUEST_ID, TRACEPARENT
from contracts.problems import common

log = structlog.get_logger()

BODY_LIMIT_BYTES: Final = 1024 * 1024 + 64 * 1024
_SILENT: Final = ("/health/live", "/health/ready")


class RequestMiddleware:
    def __init__(self, app: ASGIApp, body_limit_bytes: int = BODY_LIMIT_BYTES) -> None:
        self._app = app
        self._body_limit_bytes = body_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _SILENT:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        started = time.perf_counter()
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        patience.begin(request.headers.get(DEADLINE))
        structlog.contextvars.bind_contextvars(request_id=request.headers.get(REQUEST_ID, ""))
        with telemetry.span(
            scope["method"], kind=SpanKind.SERVER, parent=request.headers.get(TRACEPARENT), http__request__method=scope["method"]
        ) as span:
            try:
                if int(request.headers.get("content-length", "0")) > self._body_limit_bytes:
                    await problems.render(request, common.BODY_TOO_LARGE)(scope, receive, observed)
                else:
                    await self._app(scope, _limited(receive, self._body_limit_bytes), observed)
            except Exception:
                log.exception("request_failed", method=scope["method"], path=scope["path"])
                if status:
                    raise
                await problems.render(request, common.INTERNAL)(scope, receive, observed)
            route = getattr(scope.get("route"), "path", "unmatched")
            span.update_name(f"{scope['method']} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            if number := scope.get("path_params", {}).get("number"):
                span.set_attribute("case.number", str(number))
            log.info(
                "request", method=scope["method"], route=route, status=status, duration_ms=round((time.perf_counter() - started) * 1000, 1)
            )


def _limited(receive: Receive, body_limit_bytes: int) -> Receive:
    """The same channel, which refuses a body that grows over the limit without having said so."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > body_limit_bytes:
            raise HTTPException(common.BODY_TOO_LARGE.status)
        return message

    return limited
