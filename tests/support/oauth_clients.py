"""Registered parties of a running mesh as OAuth clients, set up as operators do."""

from typing import Any

from deploy.conformance import clients
from deploy.conformance.clients import OAuthClient
from tests.support.whole_mesh import Visit

__all__ = ["OAuthClient", "registered"]


async def registered(visit: Visit, name: str, *redirect_uris: str, **settings: Any) -> OAuthClient:
    """A new party, set up with `settings`; it asks nobody for consent unless they say so."""
    officers = visit.journey.config.operator.officers
    return await clients.registered(visit.parties.operator, officers, name, redirect_uris, **{"asks_consent": False, **settings})
