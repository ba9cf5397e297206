"""The steps in their order: keys and application, review, sandbox, kit, production."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from httpx_aiohttp import AiohttpTransport

from contracts.values import PartyId
from deploy.client import TongbanClient
from deploy.kit import pass_kit
from deploy.kit.running import Finished, System
from deploy.local import keys
from deploy.local.journey import district_process
from deploy.local.journey.config import Config, KnownParty, people
from deploy.local.journey.context import Journey, check
from deploy.local.journey.narrator import Narrator
from deploy.local.newcomer.careless import MISTAKES, CarelessDistrict

_OFFICERS: Final = ("qp-001", "qp-002")
_DIVISION: Final = "310118"
_WHO: Final = "新区级系统 new district"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went; `first_s` is from nothing to the first call in the sandbox, `seconds` to the first in production."""

    party: str
    steps: int
    failing: tuple[str, ...]
    first_s: float
    kit_s: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"onboarding: ok party={self.party} steps={self.steps} wrong={','.join(self.failing)}"
            f" sandbox_s={self.first_s:.1f} kit_s={self.kit_s:.1f} production_s={self.seconds:.1f}"
        )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The party and its two keys; `sandbox` and `production` call with the one and the other."""

    id: str
    sandbox_key: Path
    sandbox: TongbanClient
    production: TongbanClient

    @property
    def path(self) -> str:
        return f"/parties/{self.id}"


async def run(config: Config, *, say: Callable[[str], None] = print) -> Outcome:
    """Raises Unexpected with what was expected and what came, KitFailed where a run of the kit could not be made."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongban-newcomer-")))
        anybody = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60))
        journey = Journey(config, people()[0], Narrator(say), anybody, folder, lambda _: None)
        operator = await stack.enter_async_context(TongbanClient(config.gateway_url, config.operator.id, config.operator.key()))
        newcomer = await _apply(journey, stack, operator)
        await _review(journey, operator, newcomer)
        first_s = await _try_the_sandbox(journey, newcomer)
        await _is_refused_production(journey, operator, newcomer)
        wrong = await _fail(journey, operator, newcomer)
        right = await _pass(journey, newcomer)
        await _open(journey, operator, newcomer)
        return Outcome(newcomer.id, journey.narrator.steps, tuple(wrong.failing), first_s, right.seconds, journey.narrator.total_s())


async def _apply(journey: Journey, stack: AsyncExitStack, operator: TongbanClient) -> Newcomer:
    journey.step("自备密钥，提交接入申请", "keys of its own, and an application")
    first = journey.config.operator.officers[0]
    with journey.act(_WHO, "生成沙箱与生产两把密钥 makes a key for the sandbox and one for production") as line:
        sandbox_key, production_key = (keys.private_key(journey.keys / f"{name}.pem") for name in ("sandbox", "production"))
        line.says("私钥不出本系统 the private halves stay here")
    body = {
        "name": f"示例·新区级系统 new district {_DIVISION}",
        "kind": "district",
        "division": _DIVISION,
        "officers": list(_OFFICERS),
        "jwks": [keys.public_jwk(sandbox_key)],
        "production_jwks": [keys.public_jwk(production_key)],
    }
    once = f"apply-{PartyId.new()}"
    with journey.act(f"运营 operator {first}", "录入申请 enters the application") as line:
        party = (await journey.ask(lambda: operator.post("/parties", json=body, idempotency_key=once, officer=first), 201)).json()
        line.says(party["status"])
    clients = [
        await stack.enter_async_context(TongbanClient(journey.config.gateway_url, party["id"], file.read_bytes(), officer=_OFFICERS[0]))
        for file in (sandbox_key, production_key)
    ]
    return Newcomer(party["id"], sandbox_key, *clients)


async def _review(journey: Journey, operator: TongbanClient, newcomer: Newcomer) -> None:
    journey.step("由另一人审核，一名审核人即可", "reviewed by another officer; one approver is all it takes")
    first, second = journey.config.operator.officers[:2]
    approval = f"{newcomer.path}/approval"
    with journey.act(f"运营 operator {first}", "审核自己录入的申请 tries to approve it") as line:
        problem = await journey.refused(lambda: operator.post(approval, officer=first), 403, "permission-not-granted")
        line.says(f"403 {problem['titles']['zh']}")
    with journey.act(f"运营 operator {second}", "审核通过 approves it") as line:
        line.says((await journey.ask(lambda: operator.post(approval, officer=second))).json()["status"])


async def _try_the_sandbox(journey: Journey, newcomer: Newcomer) -> float:
    """Seconds since the beginning."""
    journey.step("沙箱立即可用", "the sandbox answers at once")
    with journey.act(_WHO, "以沙箱密钥领取派件 fetches dispatches with its sandbox key") as line:

        async def answered() -> httpx.Response | None:
            answer = await newcomer.sandbox.get("/dispatches")
            return answer if answer.status_code == 200 else None

        answer = await journey.until(answered, what=lambda: "an answer of the sandbox", within_s=10)
        check(answer.headers.get("sandbox") == "true", "an answer that says that it is the sandbox's")
        line.says(f"200 沙箱示例 a stub: …{answer.json()['items'][0]['number'][-14:]}")
    return journey.narrator.total_s()


async def _is_refused_production(journey: Journey, operator: TongbanClient, newcomer: Newcomer) -> None:
    journey.step("未验收，生产不开", "production stays closed before conformance is shown")
    second = journey.config.operator.officers[1]
    with journey.act(_WHO, "以生产密钥调用 calls with its production key") as line:
        problem = await journey.refused(lambda: newcomer.production.get("/dispatches"), 403, "party-not-active")
        line.says(f"403 {problem['titles']['zh']}：{problem['detail']}")
    with journey.act(f"运营 operator {second}", "试图开通生产 tries to open production") as line:
        line.says(await _refused_opening(journey, operator, newcomer, failing=()))


async def _refused_opening(journey: Journey, operator: TongbanClient, newcomer: Newcomer, *, failing: tuple[str, ...]) -> str:
    second = journey.config.operator.officers[1]
    problem = await journey.refused(lambda: operator.post(f"{newcomer.path}/production", officer=second), 409, "conformance-not-shown")
    check(sorted(problem["failing"]) == sorted(failing), f"the failing checks {failing}, not {problem['failing']}")
    return f"409 {problem['titles']['zh']}" + (f"：{'、'.join(problem['failing'])}" if failing else "")


async def _fail(journey: Journey, operator: TongbanClient, newcomer: Newcomer) -> Finished:
    journey.step("有缺陷的系统：验收不通过，逐项指明", "a wrong system fails the kit, check by check")
    key = newcomer.sandbox_key.read_bytes()
    system = CarelessDistrict(newcomer.id, key, _OFFICERS)
    finished = await _tested(journey, newcomer, system, "签名无效、漏回执、不理会 429 bad signature, no receipt, deaf to 429")
    check(sorted(finished.failing) == sorted(MISTAKES), f"the checks {MISTAKES} to fail, not {finished.failing}")
    _tell_failing(journey, finished.run["failing"])
    with journey.act(f"运营 operator {journey.config.operator.officers[1]}", "试图开通生产 tries to open production") as line:
        line.says(await _refused_opening(journey, operator, newcomer, failing=tuple(finished.failing)))
    return finished


async def _pass(journey: Journey, newcomer: Newcomer) -> Finished:
    journey.step("合格的系统：通过验收", "a right system passes")
    folder = journey.keys / "system"
    folder.mkdir()
    party = KnownParty(newcomer.id, newcomer.sandbox_key, _OFFICERS)

    async def system(url: str) -> None:
        """The district's own process, which knows nothing of the kit but its address."""
        async with district_process.started(url, party, folder, journey.config.folder / "logs" / "newcomer.log"):
            await asyncio.Event().wait()

    finished = await _tested(journey, newcomer, system, "同一进程，稍后用于生产 the process that will run in production")
    check(finished.passed, f"a pass, not {finished.failing}")
    for each in finished.run["checks"]:
        journey.narrator.say(f"        ✓ {each['id']:<20} {each['zh']}")
    return finished


async def _tested(journey: Journey, newcomer: Newcomer, system: System, what: str) -> Finished:
    with journey.act(_WHO, f"运行验收工具 runs the kit: {what}") as line:
        finished = await pass_kit(journey.config.gateway_url, newcomer.id, newcomer.sandbox_key.read_bytes(), system)
        line.says(f"{finished.run['state']}，{finished.requests} 个请求 requests")
    return finished


def _tell_failing(journey: Journey, failing: list[dict[str, Any]]) -> None:
    for each in failing:
        journey.narrator.say(f"        ✗ {each['id']:<20} {each['zh']} {each['en']}\n          → {each['reason'][:120]}")


async def _open(journey: Journey, operator: TongbanClient, newcomer: Newcomer) -> None:
    journey.step("开通生产，第一次真实调用", "production opens, and the first real call")
    second = journey.config.operator.officers[1]
    with journey.act(f"运营 operator {second}", "开通生产 opens production") as line:
        answer = await journey.ask(lambda: operator.post(f"{newcomer.path}/production", officer=second))
        line.says(answer.json()["status"])
    with journey.act(_WHO, "以生产密钥领取派件 fetches dispatches with its production key") as line:

        async def answered() -> httpx.Response | None:
            answer = await newcomer.production.get("/dispatches")
            return answer if answer.status_code == 200 else None

        answer = await journey.until(answered, what=lambda: "an answer of the service", within_s=10)
        check("sandbox" not in answer.headers, "an answer of the service itself")
        line.says(f"200 真实服务 the service itself: {len(answer.json()['items'])} 件 cases")
