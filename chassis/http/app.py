"""Builds a service's HTTP application: the same manners for every service, in one call."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig
from starlette.routing import BaseRoute

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import problems
from chassis.http.caller import REGISTRATION
from chassis.http.client import MeshClient
from chassis.http.mesh_token import MeshVerifier
from chassis.http.middleware import BODY_LIMIT_BYTES, RequestMiddleware
from chassis.sealing import Sealer
from chassis.settings import ServiceSettings

Told = Callable[[], Mapping[str, int]]


def build_app(
    settings: ServiceSettings,
    router: APIRouter,
    *,
    database: Database,
    clock: Clock,
    mesh: MeshClient | None = None,
    body_limit_bytes: int = BODY_LIMIT_BYTES,
    told: Told | None = None,
    **state: Any,
) -> FastAPI:
    """The application of one service. Each keyword of `state` is found again as an attribute of `app.state`.

    `body_limit_bytes` bounds what any of its routes reads; the gateway bounds each route. `told` are counts that stand beside the
    readiness: what is wrong with the data of a process that is ready nevertheless.
    """
    app = _bare(router)
    app.include_router(_health(database, state.get("sealer"), told))
    app.add_middleware(RequestMiddleware, body_limit_bytes=body_limit_bytes)
    problems.install(app)
    app.state.database = database
    app.state.clock = clock
    app.state.mesh = mesh or MeshClient(settings, clock)
    app.state.verifier = MeshVerifier.from_file(settings.name, settings.mesh_public_keys_file)
    for name, value in state.items():
        setattr(app.state, name, value)
    return app


def document(name: str, router: APIRouter) -> dict[str, Any]:
    """The OpenAPI document of a service's routes, without starting anything."""
    app = _bare(router)
    found = get_openapi(title=f"tongban {name}", version="1", routes=app.routes, separate_input_output_schemas=False)
    for operation in (each for operations in found["paths"].values() for each in operations.values()):
        if "x-tongban" in operation:
            # FastAPI drops what is null; a registration also says what it does not ask for.
            operation["x-tongban"] = dict.fromkeys(REGISTRATION) | operation["x-tongban"]
    return found


def _bare(router: APIRouter) -> FastAPI:
    # FastAPI's own telemetry would double every span and put what was sent into logs: ours is in the middleware.
    silent: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=silent)
    # Routers inside routers would be searched level by level, twice for every request.
    app.router.routes.extend(_flat(router))
    return app


def _flat(router: APIRouter) -> Iterator[BaseRoute]:
    """The routes of a router and of those it includes; ours include without a prefix or anything else that would be lost."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        if isinstance(included, APIRouter):
            yield from _flat(included)
        else:
            yield route


def _health(database: Database, sealer: Sealer | None, told: Told | None) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready(response: Response) -> dict[str, Any]:
        is_ready = await database.is_ready()
        response.status_code = 200 if is_ready else 503
        # Whoever rotates keys waits until every process says that it has the ring.
        ring = {"key_ring": sealer.ring.version} if sealer else {}
        return {"status": "ready" if is_ready else "database away", **ring, **(told() if told else {})}

    return router
