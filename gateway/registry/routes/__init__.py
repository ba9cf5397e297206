"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import (
    data_items,
    decisions,
    evaluation,
    explanations,
    lists,
    parties,
    policies,
    portal,
    resources,
    scenes,
    sharing,
)

router = Router()
areas = (parties, resources, data_items, lists, scenes, sharing, policies, evaluation, decisions, explanations, portal)
for area in areas:
    router.include_router(area.router)
