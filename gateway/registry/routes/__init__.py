"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import decisions, evaluation, explanations, parties, policies, portal, resources

router = Router()
for area in (parties, resources, policies, evaluation, decisions, explanations, portal):
    router.include_router(area.router)
