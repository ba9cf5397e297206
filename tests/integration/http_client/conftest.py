"""A neighbour on a real socket, and a client of the service `certificate` that calls it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.clock import FixedClock
from chassis.http import MeshClient
from chassis.http.mesh_token import CallerFacts, MeshVerifier
from chassis.settings import ServiceSettings
from contracts.headers import MESH_TOKEN
from deploy.local.running import free_port
from tests.support.eventually import eventually
from tests.support.service import keys_in
from tests.support.station import running

Answering = Callable[[Request], Awaitable[Response]]


class CallingSettings(ServiceSettings):
    name: ClassVar[str] = "certificate"


@dataclass
class Neighbour:
    """Answers as the test says. `asked` are the requests with their bodies."""

    keys: Path
    url: str = ""
    answering: Answering = field(default=lambda _: says(None))
    asked: list[tuple[Request, bytes]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append((request, await request.body()))
        return await self.answering(request)

    def facts(self, audience: str = "identity") -> CallerFacts:
        """What the token of the newest request says to a service of that name."""
        return MeshVerifier.from_file(audience, self.keys / "public.json").facts(self.header(MESH_TOKEN))

    def header(self, name: str) -> str:
        return self.asked[-1][0].headers.get(name, "")


async def says(value: Any, status: int = 200, **headers: str) -> Response:
    return JSONResponse(value, status, {name.replace("_", "-"): said for name, said in headers.items()})


@pytest.fixture
async def neighbour(tmp_path: Path) -> AsyncIterator[Neighbour]:
    keys_in(tmp_path)
    found = Neighbour(tmp_path)
    port = free_port()
    found.url = f"http://127.0.0.1:{port}"
    app = Starlette(routes=[Route("/{path:path}", found.answer, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1))

    async def serve(stop: asyncio.Event) -> None:
        serving = asyncio.create_task(server._serve())
        await stop.wait()
        server.should_exit = True
        await serving

    async with running(serve):
        await eventually(lambda: server.started)
        yield found


def settings_of(neighbour: Neighbour, **more: Any) -> CallingSettings:
    said = {
        "database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
        "listen_port": 0,
        "mesh_key_file": neighbour.keys / "certificate.pem",
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "mesh_public_keys_file": neighbour.keys / "public.json",
        "identity_url": f"{neighbour.url}/",
        **more,
    }
    return CallingSettings(**said)


@pytest.fixture
async def mesh(neighbour: Neighbour, clock: FixedClock) -> AsyncIterator[MeshClient]:
    client = MeshClient(settings_of(neighbour), clock, deadline=timedelta(seconds=10))
    yield client
    await client.close()


@pytest.fixture
async def hasty(neighbour: Neighbour, clock: FixedClock) -> AsyncIterator[MeshClient]:
    """One that waits half a second."""
    client = MeshClient(settings_of(neighbour), clock, deadline=timedelta(seconds=0.5))
    yield client
    await client.close()
