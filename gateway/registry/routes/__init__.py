"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import changes, conformance, decisions, keys, parties, portal, resources

router = Router()
for area in (parties, keys, changes, conformance, resources, decisions, portal):
    router.include_router(area.router)
