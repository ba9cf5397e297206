"""A registered system: every request is signed (RFC 9421), every write may carry an idempotency key."""

import json as encoder
import time
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

import httpx
from aiohttp import ClientSession
from httpx_aiohttp import AiohttpTransport

from chassis.http.authorities import authorities
from chassis.http.signatures import Message, sign
from deploy.client.waiting import unhurried

_PIECE: Final = 256 * 1024


class TongbanClient:
    """Speaks for one party and, where named, for one of its officers."""

    def __init__(self, base_url: str, party_id: str, private_key_pem: bytes, *, officer: str | None = None) -> None:
        self._base = base_url.rstrip("/")
        self._party_id = party_id
        self._key = private_key_pem
        self._officer = officer
        # A content-type added after signing would not be covered by the signature.
        transport = AiohttpTransport(verify=authorities(), client=lambda: ClientSession(skip_auto_headers=("content-type",)))
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=60, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.aclose()

    async def get(self, path: str, *, params: dict[str, Any] | None = None, officer: str | None = None) -> httpx.Response:
        return await self._send("GET", path, params, b"", {}, officer)

    async def post(
        self, path: str, *, json: Any = None, idempotency_key: str | None = None, officer: str | None = None, if_match: str | None = None
    ) -> httpx.Response:
        named = {"idempotency-key": idempotency_key, "if-match": if_match}
        headers = {name: value for name, value in named.items() if value}
        if json is None:
            return await self._send("POST", path, None, b"", headers, officer)
        body = encoder.dumps(json, ensure_ascii=False).encode()
        return await self._send("POST", path, None, body, {**headers, "content-type": "application/json"}, officer)

    async def put(self, path: str, *, json: Any, officer: str | None = None, if_match: str | None = None) -> httpx.Response:
        body = encoder.dumps(json, ensure_ascii=False).encode()
        headers = {"if-match": if_match} if if_match else {}
        return await self._send("PUT", path, None, body, {**headers, "content-type": "application/json"}, officer)

    async def _send(
        self, method: str, path: str, params: dict[str, Any] | None, body: bytes, headers: dict[str, str], officer: str | None
    ) -> httpx.Response:
        query = urlencode(params or {})
        acting = officer or self._officer
        said = {**headers, **({"tongban-operator": acting} if acting else {})}
        message = Message(method, urlsplit(self._base).netloc, path, query, said, body)

        async def call() -> httpx.Response:
            # A signature passes once, so a retry needs a new one.
            signed = {**said, **sign(message, self._key, key_id=self._party_id, created=int(time.time()))}
            if len(body) > _PIECE:
                signed["content-length"] = str(len(body))
            url = f"{self._base}{path}" + (f"?{query}" if query else "")
            return await self._client.request(method, url, content=_in_pieces(body) if len(body) > _PIECE else body or None, headers=signed)

        return await unhurried(call)


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """A large body at once would keep the event loop."""
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]
