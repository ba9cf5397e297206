"""One connection at the door: requests are answered one after another, in the order in which they came."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

import structlog
import uvicorn
from uvicorn.server import ServerState

from contracts.problems import common
from gateway.deadline import Deadline
from gateway.door import refusals
from gateway.door.arrival import Arrival
from gateway.door.exchange import Exchange
from gateway.turns import Driven, Turn

log = structlog.get_logger()

App = Callable[[Exchange], Coroutine[Any, Any, None]]

_LINGER_S: Final = 2.0


class DoorProtocol(Arrival):
    """The server's protocol class: its application is called with one exchange at a time.

    An answer must be taken as quickly as the connection's buffer empties within `write_deadline_s`. A subclass may shorten it.
    """

    idle_s = 75.0
    write_deadline_s = 20.0

    @classmethod
    def telling(cls, tell: refusals.Tell) -> "type[DoorProtocol]":
        """One that tells of each request that no room sees."""
        return type("TellingDoor", (cls,), {"_tell": lambda _, away: tell(away)})

    def _tell(self, away: refusals.TurnedAway) -> None:
        """Nobody wants to know."""

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: Any, _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__(_loop or asyncio.get_running_loop())
        if not config.loaded:
            config.load()
        del app_state
        self._app: App = config.loaded_app
        self._state = server_state
        self._leaving = Deadline(self._loop, self.abort)
        self._driven: Driven | None = None
        self._is_starting = False
        self._writable: Turn | None = None
        self._last_words = b""

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(self)  # type: ignore[arg-type]  # it is a protocol of uvicorn's in all that uvicorn does with it
        self._client = (transport.get_extra_info("peername") or ("",))[0]
        self._arriving.within(self.header_deadline_s)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._state.connections.discard(self)
        self._arriving.close()
        self._leaving.close()
        self._is_refused = True
        self._drop_waiting()
        self._give_up()

    def shutdown(self) -> None:
        """The server stops: the request that is being answered is the last."""
        if self._active is not None and not self._active.is_over:
            self._active.keep_alive = False
        else:
            self._close()

    def abort(self) -> None:
        self._transport.abort()

    # What leaves

    @property
    def date(self) -> bytes:
        named = self._state.default_headers
        return b": ".join(named[0]) if named else b""

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def drained(self) -> None:
        if self._writable is not None:
            await self._writable

    def pause_writing(self) -> None:
        self._writable = Turn()
        self._leaving.within(self.write_deadline_s)

    def resume_writing(self) -> None:
        self._leaving.off()
        writable, self._writable = self._writable, None
        if writable is not None:
            writable.give()
        if self._active is None:
            self._start()

    def _start(self) -> None:
        """One exchange after another, as long as they are answered at once and their answers are taken."""
        if self._is_starting:
            return
        self._is_starting = True
        while self._queue and self._active is None and self._writable is None:
            self._active = exchange = self._queue.popleft()
            try:
                coroutine = self._app(exchange)
            except Exception as error:  # noqa: BLE001 (the last place where a failure can become an answer)
                self._answered(error)
            else:
                self._driven = Driven(coroutine, self._loop, self._answered)
                self._driven.go_on()
        self._is_starting = False

    def _answered(self, error: BaseException | None) -> None:
        exchange = self._active
        assert exchange is not None
        if error is not None:
            self._failed(exchange, error)
        if not exchange.keep_alive or (self._is_refused and not self._queue):
            if exchange.keep_alive:
                self.write(self._last_words)
            self._close()
            return
        self._active = self._driven = None
        self._state.total_requests += 1
        if self._queue:
            self._start()
            return
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        if self._is_between:
            self._is_idle = True
            self._arriving.within(self.idle_s)

    def _failed(self, exchange: Exchange, error: BaseException) -> None:
        exchange.keep_alive = False
        if isinstance(error, asyncio.CancelledError):
            return
        log.error("request_failed", method=exchange.incoming.method, exc_info=error)
        if exchange.has_begun:
            exchange.abort()
        else:
            exchange.answer(500, refusals.PROBLEM, refusals.body(common.INTERNAL))

    def _give_up(self) -> None:
        if self._driven is not None:
            self._driven.cancel()

    # How it ends

    def _refuse(self, refusal: refusals.Refusal) -> None:
        if self._is_refused or self._transport.is_closing():
            return
        self._is_refused = True
        log.info("cut_off", rule=refusal.rule, client=self._client)
        waiting = [each for each in (self._active, *self._queue) if each is not None and not each.is_over]
        if self._body is None:
            self._tell_of_head(refusal)
        if self._body is None and waiting and refusal not in refusals.LATE:
            # Those before it are answered first, or this would be taken for an answer to them.
            self._last_words = refusal.answer_to(self._parser.get_method())
            return
        is_own = not waiting if self._body is None else [each.body for each in waiting if not each.has_begun] == [self._body]
        if is_own and len(waiting) <= 1:
            self._transport.write(refusal.answer_to(self._parser.get_method()))
        if self._active is not None and self._active.body is self._body:
            self._active.cut = refusal
        self._drop_waiting(refusal)
        self._give_up()
        self._close(lingers=refusal not in refusals.LATE)

    def _tell_of_head(self, refusal: refusals.Refusal) -> None:
        if self._url and not self._is_between:
            path = str(self._url, "latin-1").partition("?")[0]
            self._tell(refusals.TurnedAway(str(self._parser.get_method(), "latin-1"), path, refusal))

    def _drop_waiting(self, refusal: refusals.Refusal | None = None) -> None:
        """Those that waited for the one before them; `refusal` is for the one that is still arriving."""
        while self._queue:
            each = self._queue.popleft()
            is_arriving = self._body is not None and each.body is self._body
            self._tell(refusals.TurnedAway(each.incoming.method, each.incoming.path, refusal if is_arriving else None))

    def _close(self, *, lingers: bool = False) -> None:
        """After what was written; a sender who is not done yet may finish for a moment, or it might not read the answer."""
        self._is_refused = True
        self._arriving.off()
        if self._transport.is_closing():
            return
        if not (lingers or self._body is not None) or not self._transport.can_write_eof():
            self._transport.close()
            self._leaving.within(self.write_deadline_s)
        else:
            if self._is_paused:
                self._transport.resume_reading()
            self._transport.write_eof()
            self._leaving.within(_LINGER_S)
