"""The control plane's paths, one module for each area."""

from chassis.http import Router
from gateway.registry.routes import (
    changes,
    channels,
    conformance,
    decisions,
    evaluation,
    explanations,
    keys,
    ledger,
    parties,
    policies,
    portal,
    resources,
)

router = Router()
for area in (parties, keys, changes, conformance, resources, policies, evaluation, decisions, explanations, ledger, channels, portal):
    router.include_router(area.router)
