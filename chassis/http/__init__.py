"""The HTTP manners every service has: strict input, problem+json, callers, idempotency, health, tracing."""

from chassis.http.app import build_app, document
from chassis.http.caller import Audience, Caller, guard
from chassis.http.client import Fetched, MeshClient
from chassis.http.conditional import Known
from chassis.http.dependencies import Clock, Database, Mesh, Sealer
from chassis.http.disclosure import disclose, disclose_fetched, disclose_own
from chassis.http.idempotency import Once
from chassis.http.mesh_token import CallerFacts
from chassis.http.routing import LightRouter, Router

__all__ = [
    "Audience",
    "Caller",
    "CallerFacts",
    "Clock",
    "Database",
    "Fetched",
    "Known",
    "LightRouter",
    "Mesh",
    "MeshClient",
    "Once",
    "Router",
    "Sealer",
    "build_app",
    "disclose",
    "disclose_fetched",
    "disclose_own",
    "document",
    "guard",
]
