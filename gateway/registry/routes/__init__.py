"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import changes, decisions, keys, parties, portal, resources

router = Router()
for area in (parties, keys, changes, resources, decisions, portal):
    router.include_router(area.router)
