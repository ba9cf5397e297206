"""Calls to systems that are not of the mesh, at addresses that people registered: one POST, one bounded answer.

A name is resolved once, refused when any of its addresses is not global, and connected to as resolved. No redirects, no
cookies, no proxies of the environment, no compression. Behind it the network's own rules are the boundary; this is the
courtesy.
"""

import asyncio
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from socket import AF_UNSPEC, AddressFamily
from typing import Final

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from chassis.http.addresses import AddressIsNotAcceptable, check_address, is_global
from chassis.http.authorities import authorities

_LONGEST_WAIT_S: Final = 3600


class NoAnswer(Exception):
    """Nothing usable came in time: no connection, no complete answer, or one that is larger than agreed."""


@dataclass(frozen=True, slots=True)
class OutsideAnswer:
    """`retry_after_s`: how long it asks to be left alone, at most an hour."""

    status: int
    body: bytes
    retry_after_s: int | None = None


class GlobalAddresses(AbstractResolver):
    """Resolves names, and none that also leads inside."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_global(each["host"]) for each in found):
            raise OSError("the name leads to an address that is not global")
        return found

    async def close(self) -> None:
        await self._inner.close()


class NamesApart(AbstractResolver):
    """Looks names up in a few threads of its own: a name server that hangs holds up nobody else in the process."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = ThreadPoolExecutor(threads, "names")

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        look = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class OutsideClient:
    """`deadline_s` is for all of one answer, which has at most `answer_limit_bytes`. Close it at the end.

    Only on one machine `may_be_loopback`. `names` resolves what is then looked at.
    """

    def __init__(
        self, *, deadline_s: float, answer_limit_bytes: int, may_be_loopback: bool = False, names: AbstractResolver | None = None
    ) -> None:
        self._deadline_s = deadline_s
        self._limit = answer_limit_bytes
        self._may_be_loopback = may_be_loopback
        self._names = names
        self._transport = AiohttpTransport(verify=authorities(), client=self._session)

    def _session(self) -> aiohttp.ClientSession:
        names = GlobalAddresses(self._names or aiohttp.ThreadedResolver())
        connector = aiohttp.TCPConnector(resolver=names, ssl=authorities())
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> OutsideAnswer:
        """Raises NoAnswer, also for an address that is not acceptable (any more)."""
        try:
            check_address(url, may_be_loopback=self._may_be_loopback)
        except AddressIsNotAcceptable as error:
            raise NoAnswer(f"the address: {error}") from error
        said = {**headers, "accept-encoding": "identity", "user-agent": "tongban"}
        request = httpx.Request("POST", url, content=body, headers=said)
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await self._transport.handle_async_request(request)
                try:
                    return OutsideAnswer(response.status_code, await self._body(response), _wait(response))
                finally:
                    await response.aclose()
        except (httpx.HTTPError, aiohttp.ClientError, OSError, TimeoutError) as error:
            # The transport passes some of its library's failures on as they are, such as an answer that is no HTTP.
            raise NoAnswer(type(error).__name__) from error

    async def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise NoAnswer("the answer is compressed, which nobody asked for")
        chunks, size = [], 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > self._limit:
                raise NoAnswer("the answer is larger than agreed")
            chunks.append(chunk)
        return b"".join(chunks)

    async def close(self) -> None:
        await self._transport.aclose()


def _wait(response: httpx.Response) -> int | None:
    said = response.headers.get("retry-after", "")
    return min(int(said), _LONGEST_WAIT_S) if said.isascii() and said.isdecimal() and len(said) < 10 else None
