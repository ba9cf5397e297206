"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import decisions, ledger, parties, portal, resources

router = Router()
for area in (parties, resources, decisions, ledger, portal):
    router.include_router(area.router)
