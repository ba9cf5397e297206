"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import conformance, decisions, parties, portal, resources

router = Router()
for area in (parties, resources, decisions, portal, conformance):
    router.include_router(area.router)
