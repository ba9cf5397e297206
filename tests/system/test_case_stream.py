"""A case is seen as it moves, through the gateway: live, resumed, and by nobody who may not see it."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.client import SignedIn
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting


@dataclass
class Stream:
    """What a client was told by one stream so far."""

    told: list[dict[str, Any]] = field(default_factory=list)
    beats: int = 0
    last: str = ""

    @property
    def events(self) -> list[str]:
        return [each["event"] for each in self.told]

    async def read(self, answer: httpx.Response) -> None:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                self.told.append(json.loads(line[6:]))
            elif line.startswith("id: "):
                self.last = line[4:]
            elif line.startswith(("retry:", ":")):
                self.beats += 1


@asynccontextmanager
async def watching(mesh: Mesh, citizen: SignedIn, number: str, last: str = "") -> AsyncIterator[Stream]:
    headers = {"authorization": f"Bearer {citizen.access_token}", **({"last-event-id": last} if last else {})}
    url, stream = f"{mesh.gateway_url}/cases/{number}/events", Stream()
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client, client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        reading = asyncio.create_task(stream.read(answer))
        try:
            await eventually(lambda: stream.beats)
            yield stream
        finally:
            reading.cancel()


async def act(visit: Visit, number: str, path: str, officer: str, body: Any = None) -> None:
    window = visit.parties.window
    answer = await window.post(f"/cases/{number}/{path}", json=body, officer=officer, idempotency_key=secrets.token_hex(8))
    assert answer.is_success, answer.text


async def test_a_case_is_seen_as_it_moves_and_goes_on_where_the_client_stopped(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        found = await matter.find(visit.journey, visit.citizen)
        number = (await submission.submit(visit.journey, visit.citizen, found)).number
        async with watching(mesh, visit.citizen, number) as stream:
            await act(visit, number, "acceptance", "hp-001")
            await eventually(lambda: stream.events == ["accepted"], within=20)
            assert [(each["number"], each["status"], each["zh"]) for each in stream.told] == [(number, "accepted", "已受理")]
            assert "hp-001" not in json.dumps(stream.told)
        await act(visit, number, "decision", "hp-002", {"outcome": "refuse", "reason": "示例·不符合条件", "cites": ["condition:1"]})
        async with watching(mesh, visit.citizen, number, stream.last) as resumed:
            # What was there before may come once more; what was missed comes.
            await eventually(lambda: resumed.events[-3:] == ["review_begun", "refused", "closed"], within=20)
            await act(visit, number, "archive", "hp-001", {"retention": "30"})
            await eventually(lambda: resumed.events[-1:] == ["archived"], within=20)
        assert {each["number"] for each in resumed.told} == {number}


@pytest.mark.parametrize("last", ["", "0"], ids=["from now on", "from the beginning"])
async def test_who_may_not_see_the_case_is_told_that_there_is_none(
    mesh: Mesh, person: Person, another: Person, tmp_path: Path, last: str
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    async with visiting(mesh, person, tmp_path) as visit, visiting(mesh, another, theirs) as other:
        found = await matter.find(visit.journey, visit.citizen)
        number = (await submission.submit(visit.journey, visit.citizen, found)).number
        url = f"{mesh.gateway_url}/cases/{number}/events"
        resume = {"last-event-id": last} if last else {}
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            nobody = await client.get(url, headers=resume)
            stranger = await client.get(url, headers={"authorization": f"Bearer {other.citizen.access_token}", **resume})
        assert nobody.status_code == 401
        assert (stranger.status_code, stranger.json()["code"]) == (404, "case-not-found")
        assert "submitted" not in stranger.text
