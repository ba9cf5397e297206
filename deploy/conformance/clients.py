"""A new party of a running mesh as an OAuth client, set up as operators do."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from joserfc.jwk import ECKey

from contracts.values import PartyId
from deploy.client import TongbanClient
from deploy.local.onboarding import NotOnboarded, onboard

_PATIENCE_S: Final = 20.0
_PAUSE_S: Final = 0.1


class NotRegistered(Exception):
    """The mesh refused; the text is its answer."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    id: str
    key: ECKey
    secret: str = ""


async def registered(
    operator: TongbanClient, officers: Sequence[str], name: str, redirect_uris: Sequence[str], **settings: Any
) -> OAuthClient:
    """One officer applies, another approves and opens production. With a secret where the profile has one. Raises NotRegistered."""
    first = officers[0]
    key = ECKey.generate_key("P-256")
    public = {**key.as_dict(private=False), "kid": key.thumbprint()}
    said = {"name": name, "kind": "app", "redirect_uris": list(redirect_uris)}
    try:
        party = (await onboard(operator, officers, said, jwks=[public], once=f"client-{PartyId.new()}"))["id"]
    except NotOnboarded as refused:
        raise NotRegistered(str(refused)) from refused
    await _set_up(operator, first, party, settings)
    if settings["profile"] != "confidential":
        return OAuthClient(party, key)
    given = _said(await operator.post(f"/clients/{party}/secrets", json={}, officer=first))
    return OAuthClient(party, key, given["client_secret"])


async def _set_up(operator: TongbanClient, officer: str, party: str, settings: dict[str, Any]) -> None:
    """The provider hears of a new party by an event."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        answer = await operator.put(f"/clients/{party}/settings", json=settings, officer=officer)
        if answer.status_code != 404 or time.monotonic() > deadline:
            _said(answer)
            return
        await asyncio.sleep(_PAUSE_S)


def _said(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise NotRegistered(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}")
    said: dict[str, Any] = answer.json()
    return said
