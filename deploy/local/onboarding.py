"""From an application to production: what two officers of the operator do for one system."""

from collections.abc import Sequence
from typing import Any

import httpx
from joserfc.jwk import ECKey

from deploy.client import TongbanClient


class NotOnboarded(Exception):
    """The mesh refused; the text is its answer."""


async def onboard(
    operator: TongbanClient, officers: Sequence[str], said: dict[str, Any], *, jwks: Sequence[dict[str, Any]], once: str
) -> dict[str, Any]:
    """A party with these keys in production: one officer applies, another approves and opens production.

    `said` is the application without keys, `once` the idempotency key of it. Raises NotOnboarded.
    """
    first, second = officers[:2]
    body = {**said, "jwks": [sandbox_key()], "production_jwks": list(jwks)}
    party = _said(await operator.post("/parties", json=body, idempotency_key=once, officer=first))
    _said(await operator.post(f"/parties/{party['id']}/approval", officer=second))
    return _said(await operator.post(f"/parties/{party['id']}/production", officer=second))


def sandbox_key() -> dict[str, Any]:
    """The public half of a key that nobody will use."""
    key = ECKey.generate_key("P-256")
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


def _said(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise NotOnboarded(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}")
    said: dict[str, Any] = answer.json()
    return said
