"""Step 1. Systems become registered parties with keys of their own; a stranger is told by which rule it is refused."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from contracts.values import PartyId
from deploy.client import AppClient, SignOnFailed, TongbanClient
from deploy.local import keys
from deploy.local.journey.config import KnownParty
from deploy.local.journey.context import Journey, check

REDIRECT = "http://localhost/signed-in"
OFFICERS = ("hp-001", "hp-002")
_ELSEWHERE = ("310112", "310101")


@dataclass(frozen=True, slots=True)
class Parties:
    """Who calls in this journey. `district` is handed to the district's process; `elsewhere` is another district."""

    operator: TongbanClient
    police: TongbanClient
    app: AppClient
    district: KnownParty
    window: TongbanClient
    elsewhere: TongbanClient
    stranger: TongbanClient


async def register(journey: Journey, stack: AsyncExitStack) -> Parties:
    journey.step(
        "接入登记：自有密钥，一人申请、另一人审核，先沙箱后生产",
        "systems are registered with keys of their own: applied for by one officer, approved by another, sandbox before production",
    )
    config = journey.config
    operator = await stack.enter_async_context(TongbanClient(config.gateway_url, config.operator.id, config.operator.key()))
    division = journey.citizen.division
    app = await registered(journey, operator, "示例·移动端后台 app backend", {"kind": "app", "redirect_uris": [REDIRECT]})
    district = await registered(journey, operator, *_district(division), is_tried_alone=True)
    elsewhere = await registered(journey, operator, *_district(_ELSEWHERE[division == _ELSEWHERE[0]]))
    app_client = await stack.enter_async_context(AppClient(config.gateway_url, app.id, app.key(), REDIRECT))
    with journey.act("移动端后台 app", "以私钥换取令牌 gets its token by private_key_jwt") as line:
        await known_to_sign_on(app_client)
        line.says("已生效 in force")
    stranger_key = keys.private_key(journey.keys / "stranger.pem").read_bytes()
    parties = Parties(
        operator=operator,
        police=await _client(stack, journey, config.police),
        app=app_client,
        district=district,
        window=await _client(stack, journey, district),
        elsewhere=await _client(stack, journey, elsewhere),
        stranger=await stack.enter_async_context(TongbanClient(config.gateway_url, PartyId.new(), stranger_key)),
    )
    await _refuse_stranger(journey, parties.stranger)
    return parties


def _district(division: str) -> tuple[str, dict[str, Any]]:
    return f"示例·区级系统 district system {division}", {"kind": "district", "division": division, "officers": list(OFFICERS)}


async def registered(
    journey: Journey, operator: TongbanClient, name: str, said: dict[str, Any], *, is_tried_alone: bool = False
) -> KnownParty:
    """A party with new keys, applied for, approved and in production; `is_tried_alone` also shows that one officer cannot do both."""
    first, second = journey.config.operator.officers[:2]
    key_file = keys.private_key(journey.keys / f"party-{PartyId.new()}.pem")
    sandbox_key = keys.private_key(journey.keys / f"{key_file.stem}-sandbox.pem")
    body = {"name": name, "jwks": [keys.public_jwk(sandbox_key)], "production_jwks": [keys.public_jwk(key_file)], **said}
    with journey.act(f"运营 operator {first}", f"申请登记 applies for {name}") as line:
        once = f"apply-{PartyId.new()}"
        party = (await journey.ask(lambda: operator.post("/parties", json=body, idempotency_key=once, officer=first), 201)).json()
        line.says(party["status"])
    path = f"/parties/{party['id']}"
    if is_tried_alone:
        with journey.act(f"运营 operator {first}", "审核自己的申请 tries to approve it") as line:
            problem = await journey.refused(lambda: operator.post(f"{path}/approval", officer=first), 403, "permission-not-granted")
            line.says(f"403 {problem['titles']['zh']}")
    for step, what, status in (("approval", "审核通过 approves it", "testing"), ("production", "开通生产 opens production", "active")):
        with journey.act(f"运营 operator {second}", what) as line:
            answer = await journey.ask(partial(operator.post, f"{path}/{step}", officer=second))
            check(answer.json()["status"] == status, f"a party that is {status}, not {answer.text}")
            line.says(status)
    return KnownParty(party["id"], key_file, OFFICERS)


async def known_to_sign_on(app: AppClient) -> None:
    """The provider of sign-on hears of a new party by an event."""
    deadline = time.monotonic() + 30
    while True:
        try:
            await app.own_token()
            return
        except SignOnFailed:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def _refuse_stranger(journey: Journey, stranger: TongbanClient) -> None:
    with journey.act("未登记系统 stranger", "以自己的密钥签名调用 calls with a key nobody registered") as line:
        problem = await journey.refused(lambda: stranger.get("/matters", params={"q": "狗证"}), 401, "unregistered-party")
        line.says(f"401 被「{problem['room_zh']}」拒绝 refused by {problem['room']}: {problem['titles']['zh']}")


async def _client(stack: AsyncExitStack, journey: Journey, party: KnownParty) -> TongbanClient:
    client = TongbanClient(journey.config.gateway_url, party.id, party.key(), officer=party.officers[0])
    return await stack.enter_async_context(client)
