"""A district's system with three mistakes: a broken signature, a forgotten receipt, and no ear for 429."""

import asyncio
import base64
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from chassis.http.signatures import Message, sign

MISTAKES = ("signature-key", "retry-after-429", "receipt-in-time")
"""The checks that find them."""

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class CarelessDistrict:
    party: str
    key: bytes
    officers: tuple[str, ...]

    async def __call__(self, url: str) -> None:
        """Work through the feed of the gateway at `url`."""
        seen: list[str] = []
        after = ""
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
            for _ in range(_ROUNDS):
                items = (await self._call(client, "GET", "/dispatches", {"after": after} if after else {})).json()["items"]
                for dispatch in items:
                    after, number = dispatch["cursor"], dispatch["number"]
                    if number not in seen:
                        seen.append(number)
                        await self._handle(client, number, is_forgotten=len(seen) == 2)
                if not items:
                    return

    async def _handle(self, client: httpx.AsyncClient, number: str, *, is_forgotten: bool) -> None:
        if is_forgotten:
            return
        accepted = await self._write(client, f"/cases/{number}/acceptance", self.officers[0], b"")
        if accepted.status_code == 200:
            await self._write(client, f"/cases/{number}/decision", self.officers[1], b'{"outcome": "grant"}')

    async def _write(self, client: httpx.AsyncClient, path: str, officer: str, body: bytes) -> httpx.Response:
        headers = {"idempotency-key": path.replace("/", "-")[-60:], "tongban-operator": officer}
        return await self._call(client, "POST", path, {}, body, headers | ({"content-type": "application/json"} if body else {}))

    async def _call(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        params: dict[str, Any],
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Asks until there is an answer that is one. It knows 503 and lost answers, but not 429."""
        query = urlencode(params)
        message = Message(method, urlsplit(str(client.base_url)).netloc, path, query, headers or {}, body)
        while True:
            signed = sign(message, self.key, key_id=self.party, created=int(time.time()))
            # Right in form and by nobody.
            signed["signature"] = f"sig=:{base64.b64encode(secrets.token_bytes(64)).decode()}:"
            try:
                answer = await client.request(
                    method, f"{path}?{query}" if query else path, content=body or None, headers={**(headers or {}), **signed}
                )
            except httpx.TransportError:
                continue
            if answer.status_code not in {429, 503}:
                return answer
            await asyncio.sleep(0.1 if answer.status_code == 429 else int(answer.headers["retry-after"]))
