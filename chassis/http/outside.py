"""Calls to systems that are not of the mesh, at addresses that people registered: one POST, one bounded answer.

A name is resolved once, refused when any of its addresses is not global, and connected to as resolved. No redirects, no
cookies, no proxies of the environment, no compression. Behind it the network's own rules are the boundary; this is the
courtesy.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import AF_UNSPEC, AddressFamily
from typing import Final

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from chassis.http.authorities import authorities

_EMBEDDED: Final = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))
"""IPv6 addresses that lead to an IPv4 address which they carry. Source: RFC 6052, 8215, 3056, 4380, 4291."""


class NoAnswer(Exception):
    """Nothing usable came in time: no connection, no complete answer, or one that is larger than agreed."""


@dataclass(frozen=True, slots=True)
class OutsideAnswer:
    status: int
    body: bytes


def is_global(address: str) -> bool:
    """Whether an IP address is one of the Internet at large, whatever it carries inside."""
    try:
        known: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return is_global(str(known.ipv4_mapped))
        if any(known in network for network in _EMBEDDED):
            return False
    return known.is_global and not known.is_multicast


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


class OutsideClient:
    """`deadline_s` is for all of one answer, which has at most `answer_limit_bytes`. Close it at the end."""

    def __init__(self, *, deadline_s: float, answer_limit_bytes: int) -> None:
        self._deadline_s = deadline_s
        self._limit = answer_limit_bytes
        self._transport = AiohttpTransport(verify=authorities(), client=self._session)

    @staticmethod
    def _session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=GlobalAddresses(aiohttp.ThreadedResolver()), ssl=ssl.create_default_context())
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> OutsideAnswer:
        """Raises NoAnswer. A URL with an IP address in it is connected to as it is: whoever registers addresses looks at them."""
        said = {**headers, "accept-encoding": "identity", "user-agent": "tongban"}
        request = httpx.Request("POST", url, content=body, headers=said)
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await self._transport.handle_async_request(request)
                try:
                    return OutsideAnswer(response.status_code, await self._body(response))
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
