"""Two officers, one case, over real sockets: one of them acts, the other is told that the case has moved."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from chassis.http.mesh_token import MeshSigner
from contracts.headers import IDEMPOTENCY_KEY, MESH_TOKEN
from contracts.values import CaseNumber
from tests.component.application.conftest import Intake
from tests.component.application.test_lifecycle import ACTS
from tests.support import cases
from tests.support.eventually import eventually
from tests.support.service import private_key
from tests.support.station import running

# What was done before an act is possible, and by nobody of the two.
BEFORE: dict[str, list[str]] = {
    "prereview": [],
    "correction-requests": [],
    "acceptance": [],
    "intake-refusal": [],
    "termination": [],
    "review": ["acceptance"],
    "extension": ["acceptance"],
    "decision": ["acceptance"],
    "review/steps": ["acceptance", "review"],
    "review/returns": ["acceptance", "review"],
    "procedures": ["acceptance", "review"],
    "procedure-ends": ["acceptance", "review", "procedures"],
    "suspension": ["acceptance", "review"],
    "resumption": ["acceptance", "review", "suspension"],
    "hearing-offer": ["acceptance", "review"],
    "archive": ["intake-refusal"],
}
# These may follow themselves: only who says what they read is refused.
REPEATABLE = {"review/steps"}


@asynccontextmanager
async def served(intake: Intake) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(intake.door.app, log_config=None, lifespan="off"))

    async def serve(stop: asyncio.Event) -> None:
        task = asyncio.create_task(server._serve([listening]))
        await stop.wait()
        server.should_exit = True
        await task

    async with running(serve):
        await eventually(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def act(url: str, number: CaseNumber, path: str, officer: str, body: dict[str, Any]) -> httpx.Response:
    facts = cases.handler(officer)
    token = MeshSigner("gateway", private_key("gateway")).token(facts, "application")
    headers = {MESH_TOKEN: token, IDEMPOTENCY_KEY: f"{path.replace('/', '-')}-{officer}"}
    async with httpx.AsyncClient(base_url=url) as client:
        return await client.post(f"/cases/{number}/{path}", json=body, headers=headers)


@pytest.mark.parametrize("path", BEFORE)
async def test_of_two_officers_one_acts_and_the_other_is_told(intake: Intake, path: str) -> None:
    body = ACTS[path][1]
    async with served(intake) as url:
        for round_, said_revision in enumerate([True, False] if path not in REPEATABLE else [True]):
            number = await intake.submitted(f"round-{round_}")
            for earlier in BEFORE[path]:
                answer = await act(url, number, earlier, f"hp-00{BEFORE[path].index(earlier)}-{round_}", ACTS[earlier][1])
                assert answer.status_code == 200, answer.text
            revision = {"revision": len(BEFORE[path]) + 1} if said_revision else {}
            officers = (f"hp-101-{round_}", f"hp-102-{round_}")
            answers = await asyncio.gather(*(act(url, number, path, officer, body | revision) for officer in officers))
            winner, loser = sorted(answers, key=lambda answer: answer.status_code)
            assert (winner.status_code, loser.status_code) == (200, 409), loser.text
            problem = loser.json()
            assert set(problem["titles"]) == {"zh", "en"}
            if said_revision:
                assert problem["code"] == "case-has-changed"
            else:
                assert problem["code"] in CODES[path]


CODES: dict[str, set[str]] = {
    "prereview": {"case-not-awaiting-intake"},
    "correction-requests": {"correction-already-requested"},
    "acceptance": {"case-not-awaiting-intake"},
    "intake-refusal": {"case-not-awaiting-intake"},
    "termination": {"act-not-possible"},
    "review": {"case-not-awaiting-decision"},
    "extension": {"already-extended"},
    "decision": {"case-not-awaiting-decision"},
    "review/returns": {"step-has-returned"},
    "procedures": {"procedure-runs"},
    "procedure-ends": {"act-not-possible"},
    "suspension": {"act-not-possible"},
    "resumption": {"act-not-possible"},
    "hearing-offer": {"act-not-possible"},
    "archive": {"act-not-possible"},
}
