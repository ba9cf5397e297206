"""A party over the running mesh: suspended everywhere within five seconds, back when two officers say so, and with its next key."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from contracts.values import PartyId
from deploy.client import AppClient, SignOnFailed, TongbanClient
from deploy.client.next_key import statement
from deploy.local import keys
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.local.onboarding import onboard
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

REDIRECT: Final = "http://localhost/party-life"
SUSPENDED_WITHIN_S: Final = 5.0


@asynccontextmanager
async def app_of(visit: Visit, party: str, pem: bytes) -> AsyncIterator[AppClient]:
    async with AppClient(visit.journey.config.gateway_url, party, pem, REDIRECT) as app:
        yield app


async def is_given_a_token(visit: Visit, party: str, pem: bytes) -> bool:
    """A new one each time: what the party holds already says nothing of what it would be given."""
    async with app_of(visit, party, pem) as app:
        try:
            return bool(await app.own_token())
        except SignOnFailed:
            return False


async def asked(visit: Visit, token: str) -> int:
    answer = await visit.journey.anybody.get(
        f"{visit.journey.config.gateway_url}/matters", params={"q": "护照"}, headers={"authorization": f"Bearer {token}"}
    )
    return answer.status_code


async def by(operator: TongbanClient, officer: str, path: str, said: Any = None) -> dict[str, Any]:
    answer: httpx.Response = await operator.post(path, json=said, officer=officer, idempotency_key=f"life-{PartyId.new()}")
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_suspension_is_mesh_wide_within_five_seconds_and_ends_by_two_officers(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    key = keys.private_key(tmp_path / "party.pem")
    async with visiting(mesh, person, tmp_path) as visit:
        operator, officers = visit.parties.operator, visit.journey.config.operator.officers
        system, security, *_ = officers
        said = {"name": "示例·应用", "kind": "app", "redirect_uris": [REDIRECT]}
        party = (await onboard(operator, officers, said, jwks=[keys.public_jwk(key)], once=f"life-{PartyId.new()}"))["id"]
        pem = key.read_bytes()
        await eventually(lambda: is_given_a_token(visit, party, pem), within=20)
        async with app_of(visit, party, pem) as app:
            token = await app.own_token()

        async def is_in() -> bool:
            return await asked(visit, token) == 200

        await eventually(is_in, within=5)
        await by(operator, security, f"/parties/{party}/suspension", {"reason": "示例·密钥泄露"})

        async def is_out() -> bool:
            return await asked(visit, token) == 403 and not await is_given_a_token(visit, party, pem)

        await eventually(is_out, within=SUSPENDED_WITHIN_S)

        change = await by(operator, system, "/changes", {"content": {"kind": "party.resume", "party": party}, "reason": "示例·已换钥"})
        await by(operator, security, f"/changes/{change['id']}/approval")

        async def is_back() -> bool:
            return await asked(visit, token) == 200 and await is_given_a_token(visit, party, pem)

        await eventually(is_back, within=20)


async def test_a_party_changes_its_key_without_a_pause(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    old, new = (keys.private_key(tmp_path / f"{name}.pem") for name in ("old", "new"))
    async with visiting(mesh, person, tmp_path) as visit:
        operator, officers = visit.parties.operator, visit.journey.config.operator.officers
        said = {"name": "示例·系统", "kind": "department", "agency": "11310106TE5T01043T", "redirect_uris": [REDIRECT]}
        party = (await onboard(operator, officers, said, jwks=[keys.public_jwk(old)], once=f"life-{PartyId.new()}"))["id"]
        url = visit.journey.config.gateway_url
        async with TongbanClient(url, party, old.read_bytes()) as before, TongbanClient(url, party, new.read_bytes()) as after:

            async def answers(client: TongbanClient) -> bool:
                return (await client.get("/parties/own")).status_code == 200

            await eventually(lambda: answers(before), within=5)
            body = {"statement": statement(party, old.read_bytes(), new.read_bytes(), now=int(time.time()))}
            assert (await before.post("/parties/own/keys", json=body, idempotency_key="next")).status_code == 201
            await eventually(lambda: answers(after), within=5)
            assert await answers(before)
            await eventually(lambda: is_given_a_token(visit, party, new.read_bytes()), within=20)
            assert await is_given_a_token(visit, party, old.read_bytes())
            ended = keys.public_jwk(old)["kid"]
            assert (await after.post(f"/parties/own/keys/{ended}/revocation")).status_code == 200

            async def is_gone() -> bool:
                return not await answers(before) and not await is_given_a_token(visit, party, old.read_bytes())

            await eventually(is_gone, within=5)
            assert await answers(after)
