"""What all sandboxes share: they answer JSON over HTTP, can be told to misbehave, and say when they are ready."""

import asyncio
import os
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel


class Manners(BaseModel):
    """`delay_s` before each answer; `is_down` answers 503 to everything."""

    delay_s: float = 0.0
    is_down: bool = False


def sandbox(name: str) -> FastAPI:
    """An application with `/health/ready` and `PUT /sandbox/manners`."""
    app = FastAPI(title=name, openapi_url=None)
    app.state.manners = Manners()

    @app.middleware("http")
    async def misbehave(request: Request, answer: Any) -> Response:
        manners: Manners = app.state.manners
        if request.url.path.startswith(("/health/", "/sandbox/")):
            return await answer(request)  # type: ignore[no-any-return]  # Starlette's signature
        await asyncio.sleep(manners.delay_s)
        return Response(status_code=503) if manners.is_down else await answer(request)

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.put("/sandbox/manners")
    async def behave(manners: Manners) -> Manners:
        app.state.manners = manners
        return manners

    return app


def run(app: FastAPI, name: str) -> None:
    """Serve on `<NAME>_LISTEN_PORT`, loopback only."""
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ[f"{name.upper()}_LISTEN_PORT"]), log_level="warning")
