"""Departments as a package meets them: each takes a case, works its days, and answers with what its result gives.

`PUT /sandbox/duties` says what each step needs, gives and takes (`contracts.api.catalogue.PlannedStep`); `POST /cases` takes
a step's inputs on a working day and answers when it is due, or 422 with what is missing; `GET /cases/{number}?on=` is how it
stands on another day. Days are counted from the start and are said by whoever asks, so that nobody waits for them.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

from contracts.api.catalogue import PlannedStep
from contracts.values import resident_check
from deploy.local.sandbox import server

_BORN = date(2026, 6, 1)


class Given(BaseModel):
    """What a step is begun with."""

    step: str
    on: int
    fields: dict[str, str]
    materials: list[str]


class Result(BaseModel):
    """`fields` and `materials` are there when it is done."""

    is_done: bool
    fields: dict[str, str] = {}
    materials: list[str] = []


def create() -> FastAPI:
    app = server.sandbox("department")
    duties: dict[str, PlannedStep] = {}
    cases: dict[str, Given] = {}

    @app.put("/sandbox/duties")
    async def know(steps: list[PlannedStep]) -> int:
        duties.clear()
        cases.clear()
        duties.update((step.code, step) for step in steps)
        return len(duties)

    @app.post("/cases", status_code=201)
    async def begin(given: Given, response: Response) -> dict[str, Any]:
        duty = duties[given.step]
        missing = [*(set(duty.needs.fields) - given.fields.keys()), *(set(duty.needs.materials) - set(given.materials))]
        if missing:
            response.status_code = 422
            return {"missing": sorted(missing)}
        number = f"{given.step}-{len(cases) + 1}"
        cases[number] = given
        return {"number": number, "due_on": given.on + duty.ends_after_days - duty.starts_after_days}

    @app.get("/cases/{number}")
    async def stands(number: str, on: int) -> Result:
        given = cases[number]
        duty = duties[given.step]
        if on < given.on + duty.ends_after_days - duty.starts_after_days:
            return Result(is_done=False)
        values = {name: _value(name, number) for name in duty.produces.fields}
        return Result(is_done=True, fields=values, materials=duty.produces.materials)

    return app


def _value(name: str, number: str) -> str:
    """What an agency would give: a number of its own, for a child the id of nobody (division 319999 was never allotted)."""
    if name == "child_id":
        body = f"319999{_BORN:%Y%m%d}001"
        return body + resident_check(body)
    return f"示例-{name}-{number}"


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """The address of a department that listens while the block runs."""
    # Named as TCP, or asyncio does not turn off Nagle's algorithm and every answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    process = uvicorn.Server(uvicorn.Config(create(), log_config=None, lifespan="off"))
    task = asyncio.create_task(process.serve(sockets=[listening]))
    try:
        # The socket is bound already: who connects before the server accepts waits in its queue.
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        process.should_exit = True
        await task
