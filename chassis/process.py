"""Runs the parts of a process together and ends them in order.

A part runs until the event it is given is set, then finishes its work and returns. On SIGTERM or SIGINT the parts are
told to stop one after another, in the order given; a part that fails ends the whole process with status 1.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn
import uvloop

from chassis import logs, telemetry
from chassis.settings import ServiceSettings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Part:
    """`stop_within` is how many seconds the part may take to finish once told to stop."""

    name: str
    main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
    stop_within: float = 5.0


def run(settings: ServiceSettings, compose: Callable[[], Sequence[Part]], *closing: Callable[[], Awaitable[None]]) -> None:
    """Run a process to its end. `compose` builds the parts inside the event loop; `closing` runs last, in order."""
    logs.configure(settings.name, settings.log_level)
    telemetry.start(settings)
    try:
        failed = uvloop.run(_run(compose, closing))
    finally:
        telemetry.stop()
    sys.exit(1 if failed else 0)


async def _run(compose: Callable[[], Sequence[Part]], closing: Sequence[Callable[[], Awaitable[None]]]) -> bool:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    parts = compose()
    # What has been loaded by now stays for good: the collector would look through all of it again and again.
    gc.collect()
    gc.freeze()
    # Requests in flight are hundreds of objects: by the usual threshold it would look through them after every few.
    gc.set_threshold(10_000, 20, 20)
    stops = [asyncio.Event() for _ in parts]
    tasks = [asyncio.create_task(part.main(stop), name=part.name) for part, stop in zip(parts, stops, strict=True)]
    waiting = asyncio.create_task(told.wait())
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    failed = waiting not in done
    for part, stop, task in zip(parts, stops, tasks, strict=True):
        stop.set()
        failed |= not await _finish(part, task)
    waiting.cancel()
    for close in closing:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(close(), 5)
    return failed


async def _finish(part: Part, task: "asyncio.Task[None]") -> bool:
    """True when the part ended well and in time."""
    _, unfinished = await asyncio.wait([task], timeout=part.stop_within)
    if unfinished:
        log.warning("part_did_not_stop", part=part.name, within_s=part.stop_within)
        task.cancel()
        await asyncio.wait([task], timeout=1)
        return False
    if error := task.exception() if not task.cancelled() else None:
        log.error("part_failed", part=part.name, exc_info=error)
        return False
    return True


def serve(
    app: Any, settings: ServiceSettings, *, http: type[asyncio.Protocol] | str = "httptools", listening: socket.socket | None = None
) -> Part:
    """The HTTP part: uvicorn on the configured address, or on a socket that listens already, draining for at most 20 seconds.

    `app` is an ASGI application, or what the protocol class `http` calls instead of one.
    """
    config = uvicorn.Config(
        app,
        host=settings.listen_host,
        port=settings.listen_port,
        http=http,
        # Not to be guessed from how the application is called: a protocol of its own may call it otherwise.
        interface="asgi3",
        loop="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
    )
    server = uvicorn.Server(config)

    async def main(stop: asyncio.Event) -> None:
        watching = asyncio.create_task(_relay_stop(stop, server))
        try:
            # `serve` would install its own signal handlers: here the process owns them.
            await server._serve(sockets=[listening] if listening else None)  # noqa: SLF001
        finally:
            watching.cancel()
        if not stop.is_set():
            msg = "the HTTP server ended by itself"
            raise RuntimeError(msg)

    return Part("http", main, stop_within=25.0)


async def _relay_stop(stop: asyncio.Event, server: uvicorn.Server) -> None:
    await stop.wait()
    server.should_exit = True
