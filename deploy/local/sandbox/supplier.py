"""Agencies' data services, as a city office, a district and a national base would offer them; one process plays all.

`POST /{service}/verifications` and `POST /{service}/queries` are the contract of `contracts/api/gateway/sharing`, answered
only to calls that the gateway signed (its key is in the file named by `MESH_PUBLIC_KEYS_FILE`), each signature once. What a
service knows of somebody is in `records.json`, by the end of their number. `PUT /sandbox/answers {kind}` makes every answer
`right`, `stale`, `refused`, `nonsense`, `greedy` (more than was asked for), `endless` or `elsewhere` (a redirect); slow and down are manners
(`PUT /sandbox/manners`). `GET /sandbox/calls` is how often each service was asked.
"""

import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from joserfc.jwk import ECKey
from pydantic import BaseModel

from chassis.http import signatures
from chassis.http.signatures import Message, NotSigned
from deploy.local.sandbox import server

_RECORDS: Final[dict[str, dict[str, Any]]] = json.loads((Path(__file__).parent / "records.json").read_text())
_LONG_AGO: Final = timedelta(days=3650)

Kind = Literal["right", "stale", "refused", "nonsense", "greedy", "endless", "elsewhere"]


class Answers(BaseModel):
    kind: Kind = "right"


def create(gateway_key: dict[str, Any]) -> FastAPI:
    """`gateway_key` is the public key that calls are signed with."""
    app = server.sandbox("data suppliers")
    app.state.key = ECKey.import_key(gateway_key).public_key
    app.state.nonces = set[str]()
    app.state.answers = Answers()
    app.state.calls = Counter[str]()

    @app.put("/sandbox/answers")
    async def behave(answers: Answers) -> Answers:
        app.state.answers = answers
        return answers

    @app.get("/sandbox/calls")
    async def calls() -> dict[str, int]:
        return dict(app.state.calls)

    @app.post("/{service}/verifications")
    async def verifications(service: str, request: Request) -> Response:
        said = await _asked(app, service, request)
        if isinstance(said, Response):
            return said
        known = record_of(service, said["subject"]["number"])
        matches = {name: None if known is None or name not in known else known[name] == claim for name, claim in said["claims"].items()}
        return _answer(app, {"matches": matches})

    @app.post("/{service}/queries")
    async def queries(service: str, request: Request) -> Response:
        said = await _asked(app, service, request)
        if isinstance(said, Response):
            return said
        known = record_of(service, said["subject"]["number"])
        names = known or {} if app.state.answers.kind == "greedy" else said["fields"]
        values = None if known is None else {name: known[name] for name in names if name in known}
        return _answer(app, {"values": values})

    return app


def record_of(service: str, number: str) -> dict[str, Any] | None:
    """By the longest known end of the number; whoever ends otherwise is unknown."""
    known = _RECORDS.get(service, {})
    found = sorted((end for end in known if number.endswith(end)), key=len)
    return known[found[-1]] if found else None


async def _asked(app: FastAPI, service: str, request: Request) -> dict[str, Any] | Response:
    """What the gateway asks, or the refusal of whoever else asks."""
    headers = dict(request.headers)
    body = await request.body()
    message = Message(request.method, headers.get("host", ""), request.url.path, request.url.query, headers, body)
    try:
        signed = signatures.read(message, now=int(time.time()))
        signed.verify(app.state.key)
    except NotSigned as reason:
        return JSONResponse({"detail": str(reason)}, 401)
    if signed.nonce in app.state.nonces:
        return JSONResponse({"detail": "the signature was used before"}, 409)
    app.state.nonces.add(signed.nonce)
    app.state.calls[service] += 1
    said: dict[str, Any] = json.loads(body)
    return said


def _answer(app: FastAPI, said: dict[str, Any]) -> Response:
    kind: Kind = app.state.answers.kind
    if kind == "refused":
        return JSONResponse({"detail": "not today"}, 403)
    if kind == "nonsense":
        return Response(b'{"matches": {}, "matches": 1}', media_type="application/json")
    if kind == "endless":
        return StreamingResponse(_endless(), media_type="application/json")
    if kind == "elsewhere":
        return RedirectResponse("/sandbox/calls", 307)
    as_of = datetime.now(UTC) - (_LONG_AGO if kind == "stale" else timedelta(hours=1))
    return JSONResponse({**said, "as_of": as_of.isoformat()})


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65536


if __name__ == "__main__":
    keys = json.loads(Path(os.environ["MESH_PUBLIC_KEYS_FILE"]).read_text())
    server.run(create(keys["gateway"]), "supplier")
