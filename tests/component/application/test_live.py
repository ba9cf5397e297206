"""Server-sent events over real sockets: live, resumed, bounded, and ended when what their viewer may see changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts.headers import MESH_TOKEN
from deploy.local.running import free_port
from services.application.live import Live
from tests.component.application.conftest import Intake
from tests.integration.gateway.door import served
from tests.support import cases
from tests.support.eventually import eventually
from tests.support.service import private_key
from tests.support.station import running


@dataclass
class Reader:
    """A client of one stream: what it was told so far, and whether it was ended."""

    told: list[dict[str, Any]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    beats: int = 0
    is_over: bool = False

    def read(self, line: str) -> None:
        if line.startswith("data: "):
            self.told.append(json.loads(line[6:]))
        elif line.startswith("id: "):
            self.ids.append(int(line[4:]))
        elif line.startswith(":"):
            self.beats += 1

    @property
    def events(self) -> list[str]:
        return [each["event"] for each in self.told]


@dataclass
class Served:
    """The service on a socket, with its listener."""

    url: str
    hub: Live

    def headers(self, facts: CallerFacts, last: int | None = None) -> dict[str, str]:
        token = MeshSigner("gateway", private_key("gateway")).token(facts, "application")
        return {MESH_TOKEN: token} | ({} if last is None else {"last-event-id": str(last)})

    @asynccontextmanager
    async def watching(self, path: str, facts: CallerFacts, last: int | None = None) -> AsyncIterator[Reader]:
        reader = Reader()

        async def follow(answer: httpx.Response) -> None:
            async for line in answer.aiter_lines():
                reader.read(line)
            reader.is_over = True

        async with (
            httpx.AsyncClient(timeout=20) as client,
            client.stream("GET", self.url + path, headers=self.headers(facts, last)) as answer,
        ):
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            following = asyncio.create_task(follow(answer))
            try:
                yield reader
            finally:
                following.cancel()


@asynccontextmanager
async def on_a_socket(intake: Intake) -> AsyncIterator[str]:
    async with served(intake.door.app, SimpleNamespace(listen_host="127.0.0.1", listen_port=free_port())) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def live(intake: Intake) -> AsyncIterator[Served]:
    hub: Live = intake.door.app.state.live
    hub.heartbeat_s = 0.1
    async with running(hub.run), on_a_socket(intake) as url:
        await eventually(lambda: hub.is_listening)
        yield Served(url, hub)


async def test_an_applicant_sees_each_step_as_it_happens_and_is_not_told_of_others(intake: Intake, live: Served) -> None:
    number, other = await intake.submitted(), await intake.submitted("second")
    async with live.watching(f"/cases/{number}/events", cases.applicant()) as reader:
        await eventually(lambda: reader.beats)
        await intake.act(other, "acceptance", "hp-003")
        await intake.act(number, "acceptance")
        await eventually(lambda: reader.told)
        assert [(each["event"], each["number"], each["status"]) for each in reader.told] == [("accepted", number, "accepted")]
        assert "hp-001" not in json.dumps(reader.told)
    await eventually(lambda: live.hub.open_streams == 0)
    stranger = live.headers(cases.applicant(cases.STRANGER))
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{live.url}/cases/{number}/events", headers=stranger)).status_code == 404


async def test_who_comes_back_goes_on_from_the_last_one_seen(intake: Intake, live: Served) -> None:
    number = await intake.submitted()
    async with live.watching("/work-list/events", cases.handler(), last=0) as reader:
        await eventually(lambda: reader.events == ["submitted"])
        last = reader.ids[-1]
    await intake.act(number, "acceptance")
    async with live.watching("/work-list/events", cases.handler(), last=last) as reader:
        # The one before is near enough to be told again; nothing is left out.
        await eventually(lambda: reader.events[-1:] == ["accepted"])
    async with live.watching("/work-list/events", cases.handler(division=cases.XUHUI), last=0) as reader:
        await eventually(lambda: reader.beats)
        assert reader.told == []


async def test_an_officer_who_is_limited_meanwhile_is_asked_again_what_they_see(intake: Intake, live: Served) -> None:
    async with (
        live.watching("/work-list/events", cases.handler("hp-001")) as limited,
        live.watching("/work-list/events", cases.handler("hp-002")) as free,
    ):
        await eventually(lambda: limited.beats and free.beats)
        body = {"matters": []}
        answer = await intake.door.call("POST", "/officer-scopes/hp-001", facts=cases.handler("hp-009"), json=body)
        assert answer.status_code == 204
        await eventually(lambda: limited.is_over)
        assert not free.is_over
        await intake.submitted()
        await eventually(lambda: "submitted" in free.events)
        assert limited.told == []


async def test_streams_are_bounded_for_each_caller(intake: Intake, live: Served) -> None:
    number = await intake.submitted()
    live.hub.each = 1
    path = f"/cases/{number}/events"
    async with live.watching(path, cases.applicant()), httpx.AsyncClient() as client:
        refused = await client.get(live.url + path, headers=live.headers(cases.applicant()))
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-streams")


async def test_streams_end_when_the_process_is_told_to_stop(intake: Intake) -> None:
    hub: Live = intake.door.app.state.live
    async with on_a_socket(intake) as url:
        async with running(hub.run):
            await eventually(lambda: hub.is_listening)
            stream = Served(url, hub).watching("/work-list/events", cases.handler())
            reader = await stream.__aenter__()
            await eventually(lambda: hub.open_streams == 1)
        await eventually(lambda: reader.is_over)
        await stream.__aexit__(None, None, None)
