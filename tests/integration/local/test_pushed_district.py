"""The sandbox district's door on a real socket: it says signed challenges back, and believes nothing else."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from chassis.http.signatures import Message, sign
from contracts.values import PartyId
from deploy.client import TongbanClient
from deploy.local.running import free_port
from deploy.local.sandbox.pushed import Door, opened
from tests.support.service import private_key

MOVE = {"number": "a case", "revision": 2, "reason": "accepted", "status": "accepted"}


def new_key() -> tuple[str, bytes, dict[str, Any]]:
    """Name, PEM and public part."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = ECKey.import_key(pem)
    return key.thumbprint(), pem, key.as_dict(private=False)


@dataclass
class Mesh:
    """The two routes that a district asks for its callback, and who signs there."""

    key_id: str
    pem: bytes
    jwk: dict[str, Any]
    door: Door
    url: str
    asked: list[str]

    async def post(
        self, said: Any, *, pem: bytes | None = None, key_id: str | None = None, id_: str = "d-1", at: int = 0
    ) -> httpx.Response:
        body, parts = json.dumps(said).encode(), urlsplit(self.url)
        headers = {"content-type": "application/json", "idempotency-key": id_}
        message = Message("POST", parts.netloc, parts.path, "", headers, body)
        signed = sign(message, pem or self.pem, key_id=key_id or self.key_id, created=at or int(time.time()))
        async with httpx.AsyncClient() as client:
            return await client.post(self.url, content=body, headers={**headers, **signed})


@pytest.fixture
async def mesh() -> AsyncIterator[Mesh]:
    key_id, pem, jwk = new_key()
    asked: list[str] = []

    async def callback(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.json_response({"keys": [{"key_id": key_id, "jwk": jwk}]})

    async with _served(callback) as gateway, TongbanClient(gateway, PartyId.new(), private_key("party")) as client:
        door = Door(client)
        async with opened(door, free_port()) as url:
            yield Mesh(key_id, pem, jwk, door, url, asked)


@asynccontextmanager
async def _served(callback: Any) -> AsyncIterator[str]:
    app, port = web.Application(), free_port()
    app.router.add_route("*", "/callbacks/own", callback)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def test_a_signed_challenge_is_said_back(mesh: Mesh) -> None:
    await mesh.door.register(mesh.url)
    answer = await mesh.post({"challenge": "n-1", "party": "p"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "n-1"})
    assert mesh.door.told.empty()


async def test_a_signed_move_is_acknowledged_and_handed_on_once_however_often_it_comes(mesh: Mesh) -> None:
    await mesh.door.register(mesh.url)
    for _ in range(2):
        assert (await mesh.post(MOVE)).status_code == 204
    told = await mesh.door.next(1)
    assert told is not None
    assert (told.number, told.revision, told.reason, told.delivery, told.key_id) == ("a case", 2, "accepted", "d-1", mesh.key_id)
    assert mesh.door.told.empty()


async def test_a_key_that_is_new_to_it_is_asked_for(mesh: Mesh) -> None:
    assert (await mesh.post(MOVE)).status_code == 204
    assert mesh.asked == ["GET"]


async def test_what_no_key_of_ours_signed_is_neither_answered_nor_believed(mesh: Mesh) -> None:
    await mesh.door.register(mesh.url)
    other_id, other_pem, _ = new_key()
    answers = await asyncio.gather(
        mesh.post(MOVE, pem=other_pem),
        mesh.post({"challenge": "n"}, pem=other_pem, key_id=other_id),
        mesh.post(MOVE, at=int(time.time()) - 3600),
    )
    assert [each.status_code for each in answers] == [401, 401, 401]
    async with httpx.AsyncClient() as client:
        assert (await client.post(mesh.url, json={"challenge": "n"})).status_code == 401
    assert mesh.door.told.empty()


@pytest.mark.parametrize("said", [[], "x", {}, {"number": "a case"}])
async def test_what_is_no_move_is_refused_as_such(mesh: Mesh, said: Any) -> None:
    assert (await mesh.post(said)).status_code == 422
