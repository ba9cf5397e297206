"""A real HTTP server on loopback inside a test, ended the moment the test ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.server import ServerState


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    """The URL at which the ASGI application `app` is found. What is still asked of it at the end is given up.

    uvicorn's own `Server` looks every tenth of a second whether it was told to stop, and waits another: what it drives is driven here.
    """
    config, state = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, proxy_headers=False), ServerState()
    config.load()
    protocol: Any = config.http_protocol_class
    server = await asyncio.get_running_loop().create_server(
        # Bound here: a port that is only known to be free may be another run's by the time it is bound.
        lambda: protocol(config=config, server_state=state, app_state={}),
        "127.0.0.1",
        0,
    )
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
