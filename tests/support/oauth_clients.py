"""Registered parties of a running mesh as OAuth clients, set up as operators do."""

from dataclasses import dataclass
from typing import Any

import httpx
from joserfc.jwk import ECKey

from contracts.values import PartyId
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit


@dataclass(frozen=True, slots=True)
class OAuthClient:
    id: str
    key: ECKey
    secret: str = ""


async def registered(visit: Visit, name: str, *redirect_uris: str, **settings: Any) -> OAuthClient:
    """A new party, applied for and approved, and set up with `settings`; with a secret where it proves itself by one."""
    operator, (first, second) = visit.parties.operator, visit.journey.config.operator.officers[:2]
    key = ECKey.generate_key("P-256")
    body = {"name": name, "kind": "app", "redirect_uris": list(redirect_uris), "jwks": [key.as_dict(private=False)]}
    party = _expected(await operator.post("/parties", json=body, idempotency_key=f"client-{PartyId.new()}", officer=first), 201)["id"]
    _expected(await operator.post(f"/parties/{party}/approval", officer=second), 200)

    async def set_up() -> bool:
        """The provider hears of a new party by an event."""
        answer = await operator.put(f"/clients/{party}/settings", json={"asks_consent": False, **settings}, officer=first)
        assert answer.status_code in {200, 404}, answer.text
        return answer.status_code == 200

    await eventually(set_up, within=20)
    if settings["profile"] != "confidential":
        return OAuthClient(party, key)
    said = _expected(await operator.post(f"/clients/{party}/secrets", json={}, officer=first), 201)
    return OAuthClient(party, key, said["client_secret"])


def _expected(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    return said
