"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import data_items, decisions, lists, parties, portal, resources, scenes, sharing

router = Router()
for area in (parties, resources, data_items, lists, scenes, sharing, decisions, portal):
    router.include_router(area.router)
