"""One run: ask the gateway for it, meet the system under test, hand in what was seen."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx
from joserfc.jwk import ECKey

from contracts.api.gateway import Outcome, Report
from contracts.values import PartyId
from deploy.client import NobodyAnswered, TongbanClient, patiently
from deploy.kit.answers import DistrictAnswers, Stubs, SystemAnswers
from deploy.kit.door import Answering, Door
from deploy.kit.sign_on import AppAnswers, visit
from gateway.registry.domain.conformance import Stage, TranscriptIsNotGenuine, Trial, checks_for, judge, script_of, stage_for
from gateway.registry.domain.conformance.stages import AppStage, DistrictStage
from gateway.snapshot import public_keys

VERSION: Final = "1.0"
System = Callable[[str], Awaitable[None]]
"""The system under test as a function: given the address that it is to take for the gateway's, it works until it is done."""

_SETTLE_S: Final = 0.6
"""How long a system that has shown everything is watched for doing too much."""


class KitFailed(Exception):
    """The run could not be made, which says nothing about the system; the text says why."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What the gateway made of the run."""

    run: dict[str, Any]
    requests: int
    seconds: float

    @property
    def passed(self) -> bool:
        return bool(self.run["state"] == "passed")

    @property
    def failing(self) -> dict[str, str]:
        """Failed check → what was seen instead."""
        return {each["id"]: each["reason"] for each in self.run["failing"]}


async def pass_kit(
    gateway_url: str, party_id: str, private_key_pem: bytes, system: System, *, start: str = "", within_s: float = 60.0
) -> Finished:
    """Run the kit against `system` in this very process. Raises KitFailed when there could be no run."""
    return await run(gateway_url, party_id, private_key_pem, system=system, start=start, within_s=within_s)


async def run(
    gateway_url: str,
    party_id: str,
    private_key_pem: bytes,
    *,
    listen: tuple[str, int] = ("127.0.0.1", 0),
    system: System | None = None,
    start: str = "",
    within_s: float = 300.0,
    is_listening: Callable[[str], None] = lambda _: None,
) -> Finished:
    """One run, over when the system has shown everything, when it is done, or after `within_s`. Raises KitFailed.

    `start` is the page of an app at which a citizen begins to sign on.
    """
    began = time.monotonic()
    async with TongbanClient(gateway_url, party_id, private_key_pem) as client:
        begun = await _called(client, "/conformance-runs", None, 201)
        report = await meet(begun, private_key_pem, listen=listen, system=system, start=start, within_s=within_s, is_listening=is_listening)
        ended = await _called(client, f"/conformance-runs/{begun['id']}/report", report.model_dump(mode="json"), 200)
    return Finished(ended, len(report.exchanges), time.monotonic() - began)


async def meet(
    begun: dict[str, Any],
    private_key_pem: bytes,
    *,
    listen: tuple[str, int] = ("127.0.0.1", 0),
    system: System | None = None,
    start: str = "",
    within_s: float = 300.0,
    is_listening: Callable[[str], None] = lambda _: None,
) -> Report:
    """What the system does when it is met by the script of a run that has begun. Raises KitFailed."""
    kind, seed, began_ms = begun["kind"], begun["seed"], int(time.time() * 1000)
    stage, answering = played(kind, seed, begun["party"])
    if isinstance(stage, AppStage) and not start:
        raise KitFailed("an app is signed on to: say where that begins")
    async with Door(stage, answering, host=listen[0], port=listen[1]) as door:
        is_listening(door.url)
        visiting = asyncio.ensure_future(visit(start, stage)) if isinstance(stage, AppStage) else None
        await watch(door, stage, system, within_s)
        if visiting is not None:
            visiting.cancel()
            await asyncio.wait([visiting])
        exchanges = tuple(door.exchanges)
    keys = public_keys([ECKey.import_key(private_key_pem).as_dict(private=False)])
    trial = Trial(kind, seed, PartyId(begun["party"]), keys, exchanges, began_ms, int(time.time() * 1000))
    return Report(seed=seed, kind=kind, kit_version=VERSION, exchanges=list(exchanges), outcomes=_outcomes(trial))


def played(kind: str, seed: str, party: str) -> tuple[Stage, Answering]:
    script = script_of(seed)
    stage = stage_for(kind, script)
    if isinstance(stage, AppStage):
        return stage, AppAnswers(script, stage, party, Stubs())
    return stage, DistrictAnswers(script, stage, Stubs()) if isinstance(stage, DistrictStage) else SystemAnswers(Stubs())


async def watch(door: Door, stage: Stage, system: System | None, within_s: float) -> None:
    """Until the system has shown everything, its function is done, or the time is over."""
    working = asyncio.ensure_future(_worked(system, door.url)) if system else None
    deadline = time.monotonic() + within_s
    try:
        while not stage.is_over and not door.is_full and (left := deadline - time.monotonic()) > 0:
            door.news.clear()
            waiting = asyncio.ensure_future(door.news.wait())
            done, _ = await asyncio.wait([waiting, *([working] if working else [])], timeout=left, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if working in done:
                break
        if working is None or not working.done():
            await asyncio.sleep(_SETTLE_S)
    finally:
        if working is not None:
            working.cancel()
            await asyncio.wait([working])


async def _worked(system: System, url: str) -> None:
    """A system that breaks down has shown what it has shown."""
    with contextlib.suppress(httpx.HTTPError, NobodyAnswered):
        await system(url)


def _outcomes(trial: Trial) -> list[Outcome]:
    """What this kit makes of it. Raises KitFailed where its own transcript would not be believed."""
    try:
        failed = judge(trial)
    except TranscriptIsNotGenuine as reason:
        raise KitFailed(f"the transcript contradicts itself: {reason.detail}") from reason
    return [Outcome(check=check.id, reason=failed.get(check.id, "")[:500]) for check in checks_for(trial.kind)]


async def _called(client: TongbanClient, path: str, body: Any, status: int) -> dict[str, Any]:
    key = f"kit-{secrets.token_hex(12)}"
    try:
        answer = await patiently(lambda: client.post(path, json=body, idempotency_key=key), within_s=30)
    except NobodyAnswered as reason:
        raise KitFailed(f"the gateway is away: {reason}") from reason
    if answer.status_code != status:
        raise KitFailed(f"the gateway refused POST {path}: {answer.status_code} {answer.text[:500]}")
    said: dict[str, Any] = answer.json()
    return said
