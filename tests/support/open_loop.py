"""Requests that come when they come, whether or not those before them were answered."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import httptools

_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`at` is seconds after the beginning, `status` 0 for no answer."""

    name: str
    at: float
    took_s: float
    status: int


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._answered: asyncio.Future[int] | None = None
        self.is_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes) -> int:
        self._parser = httptools.HttpResponseParser(self)
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._answer(self._parser.get_status_code())

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_open = False
        self._answer(0)

    def close(self) -> None:
        self._transport.close()

    def _answer(self, status: int) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)


async def open_loop(port: int, calls: Mapping[str, tuple[float, bytes]], *, seconds: float, seed: int = 7) -> list[Outcome]:
    """`calls` are rates a second and requests, by name. Returns when every request was answered."""
    loop, chance = asyncio.get_running_loop(), random.Random(seed)
    idle: list[_Connection] = []
    outcomes: list[Outcome] = []
    began = loop.time()

    async def ask(name: str, request: bytes) -> None:
        at = loop.time()
        connection = idle.pop() if idle else None
        if connection is None or not connection.is_open:
            _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
        status = await connection.ask(request)
        outcomes.append(Outcome(name, at - began, loop.time() - at, status))
        if connection.is_open:
            idle.append(connection)

    due, total = began, sum(rate for rate, _ in calls.values())
    names, rates = list(calls), [rate for rate, _ in calls.values()]
    async with asyncio.timeout(seconds + _LONGEST_S), asyncio.TaskGroup() as asking:
        while (due := due + chance.expovariate(total)) < began + seconds:
            await asyncio.sleep(max(0.0, due - loop.time()))
            [name] = chance.choices(names, rates)
            asking.create_task(ask(name, calls[name][1]))
    for connection in idle:
        connection.close()
    return outcomes
