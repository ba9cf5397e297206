"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import (
    changes,
    channels,
    conformance,
    data_items,
    decisions,
    evaluation,
    explanations,
    keys,
    ledger,
    lists,
    parties,
    policies,
    portal,
    resources,
    scenes,
    sharing,
)

router = Router()
for area in (
    parties,
    keys,
    changes,
    conformance,
    resources,
    data_items,
    lists,
    scenes,
    sharing,
    policies,
    evaluation,
    decisions,
    explanations,
    ledger,
    channels,
    portal,
):
    router.include_router(area.router)
