"""Where a district's own system is told of cases: it says challenges back, believes signatures alone, and acknowledges before it works.

What it was told it hands on by `next`; whatever it was told before a crash it finds in its feed.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from chassis.http.signatures import Message, NotSigned, read
from deploy.client import TongbanClient, patiently

PATH: Final = "/told"
_SIZE_LIMIT_BYTES: Final = 16 * 1024
_PER_SECOND: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A move of a case, as it was delivered. `key_id` is the key whose signature was good."""

    number: str
    revision: int
    reason: str
    delivery: str
    key_id: str


@dataclass
class Door:
    """Believes whatever one of our `keys`, which the mesh names to us, has signed; each delivery counts once."""

    client: TongbanClient
    keys: dict[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    told: asyncio.Queue[Told] = field(default_factory=asyncio.Queue)

    async def register(self, url: str) -> None:
        """From now on we are told there, as soon as we have said the challenge back."""
        wanted = {"url": url, "per_second": _PER_SECOND}
        answer = await patiently(lambda: self.client.put("/callbacks/own", json=wanted))
        self._learn(answer.raise_for_status().json())

    async def next(self, within_s: float) -> Told | None:
        """The next move that we were told of; None when there is none in time."""
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self.told.get(), within_s)
        return None

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            key_id = await self._signer(request, body)
            said = json.loads(body)
            if "challenge" in said:
                return web.json_response({"challenge": said["challenge"]})
            told = Told(said["number"], said["revision"], said["reason"], request.headers["idempotency-key"], key_id)
        except NotSigned as reason:
            return web.Response(status=401, text=str(reason))
        except (ValueError, KeyError, TypeError):
            return web.Response(status=422)
        if told.delivery not in self.seen:
            self.seen.add(told.delivery)
            self.told.put_nowait(told)
        return web.Response(status=204)

    async def _signer(self, request: web.Request, body: bytes) -> str:
        """The key that signed the request. Raises NotSigned."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        message = Message(request.method, request.host, request.path, request.query_string, headers, body)
        signed = read(message, now=int(time.time()))
        if signed.key_id not in self.keys:
            answer = await self.client.get("/callbacks/own")
            if answer.status_code == 200:
                self._learn(answer.json())
        if (key := self.keys.get(signed.key_id)) is None:
            raise NotSigned("no key of ours has this name")
        signed.verify(key)
        return signed.key_id

    def _learn(self, callback: dict[str, Any]) -> None:
        for each in callback["keys"]:
            key = ECKey.import_key(each["jwk"]).public_key
            assert isinstance(key, ec.EllipticCurvePublicKey)
            self.keys[each["key_id"]] = key


@contextlib.asynccontextmanager
async def opened(door: Door, port: int) -> AsyncIterator[str]:
    """The address at which the door is open, on loopback."""
    app = web.Application(client_max_size=_SIZE_LIMIT_BYTES)
    app.router.add_post(PATH, door.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}{PATH}"
    finally:
        await runner.cleanup()
