"""A load of HTTP requests over kept connections, and the CPU that a process needs for it."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, cast

import httptools
import httpx

_LONGEST_S: Final = 300.0

Make = Callable[[int], bytes]
"""The whole request with this number, as bytes on the wire."""


def cpu_s(pid: int) -> float:
    """User and system time of one process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(port: int, served: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the process answers that it is ready. Raises RuntimeError with the end of its log."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and served.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(log.read_text()[-2000:])


def post(path: str, body: bytes, **headers: str) -> bytes:
    named = {"host": "identity", "content-type": "application/x-www-form-urlencoded", "content-length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items()]
    return f"POST {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body


class _Connection(asyncio.Protocol):
    """Sends the next request when the last one is answered. Any other answer than 200 ends the load."""

    def __init__(self, numbers: Iterator[int], make: Make) -> None:
        self._numbers = numbers
        self._make = make
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() != 200:
            self._end(AssertionError(f"answered {self._parser.get_status_code()}"))
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(AssertionError("the connection was closed"))

    def _next(self) -> None:
        number = next(self._numbers, None)
        if number is None:
            self._end(None)
            return
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(self._make(number))

    def _end(self, failure: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(failure) if failure else self.done.set_result(None)
        self._transport.close()


async def run(port: int, make: Make, *, requests: int, connections: int = 16) -> None:
    """Raises AssertionError when something else than 200 is answered."""
    loop = asyncio.get_running_loop()
    numbers = iter(range(requests))
    opened = [await loop.create_connection(lambda: _Connection(numbers, make), "127.0.0.1", port) for _ in range(connections)]
    async with asyncio.timeout(_LONGEST_S):
        await asyncio.gather(*(connection.done for _, connection in opened))


@dataclass(frozen=True, slots=True)
class Answer:
    """`took_s` from when the request was sent to its whole answer."""

    took_s: float
    body: bytes


class _Kept(asyncio.Protocol):
    """Sends the next of its own requests when the last one is answered, and keeps the answers. Any other status ends the load."""

    def __init__(self, requests: Iterator[bytes], status: int) -> None:
        self._requests = requests
        self._status = status
        self.answers: list[Answer] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if (status := self._parser.get_status_code()) != self._status:
            self._end(AssertionError(f"answered {status}: {self._body[:500].decode()}"))
            return
        self.answers.append(Answer(time.perf_counter() - self._sent, self._body))
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(AssertionError("the connection was closed"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
            return
        self._body = b""
        self._parser = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _end(self, failure: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(failure) if failure else self.done.set_result(None)
        self._transport.close()


async def closed(port: int, clients: Sequence[Iterator[bytes]], *, status: int = 200) -> list[Answer]:
    """Every client sends its requests over a connection of its own, one after the other.

    Raises AssertionError when something else than `status` is answered.
    """
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(lambda each=each: _Kept(each, status), "127.0.0.1", port) for each in clients]  # type: ignore[misc]
    async with asyncio.timeout(_LONGEST_S):
        await asyncio.gather(*(connection.done for _, connection in opened))
    return [answer for _, connection in opened for answer in connection.answers]


class _Paced(asyncio.Protocol):
    """Sends the next request at the times it is given, or as soon as the answer before it is there."""

    def __init__(self, requests: Iterator[bytes], due: Iterator[float]) -> None:
        self._requests = requests
        self._due = due
        self._at = 0.0
        self._loop = asyncio.get_running_loop()
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpResponseParser(self)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        if (status := self._parser.get_status_code()) != 200:
            self._end(AssertionError(f"answered {status}"))
            return
        self.latencies.append(time.monotonic() - self._at)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(AssertionError("the connection was closed"))

    def _wait(self) -> None:
        due = next(self._due, None)
        if due is None:
            self._end(None)
            return
        # The loop's own clock stands still for a millisecond at a time.
        self._at = max(due, time.monotonic())
        self._loop.call_later(self._at - time.monotonic(), self._send)

    def _send(self) -> None:
        self._at = time.monotonic()
        self._transport.write(next(self._requests))

    def _end(self, failure: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(failure) if failure else self.done.set_result(None)
        self._transport.close()


async def paced(port: int, request: bytes | Make, *, requests: int, rate: float, connections: int = 32) -> list[float]:
    """Seconds from when each request was sent to its whole answer, at `rate` requests a second over all connections.

    A `Make` makes each of them; bytes are sent every time.

    Raises AssertionError when something else than 200 is answered.
    """
    loop = asyncio.get_running_loop()
    began, each = time.monotonic() + 0.2, requests // connections
    make = request if callable(request) else lambda _: request
    numbered = map(make, count())
    running = []
    for place in range(connections):
        due = iter([began + (number * connections + place) / rate for number in range(each)])
        _, protocol = await loop.create_connection(lambda due=due: _Paced(numbered, due), "127.0.0.1", port)  # type: ignore[misc]
        running.append(protocol)
    async with asyncio.timeout(_LONGEST_S):
        await asyncio.gather(*(each.done for each in running))
    return [latency for each in running for latency in each.latencies]
