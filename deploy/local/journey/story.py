"""The eleven steps in their order, and what they need around them."""

import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
from httpx_aiohttp import AiohttpTransport

from deploy.local.journey import certificate, citizen, district_process, handling, matter, parties, rating, record, submission, tracing
from deploy.local.journey.config import Config, Person, people
from deploy.local.journey.context import Between, Journey
from deploy.local.journey.narrator import Narrator


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the journey left behind; `seen_by` are those whom the citizen's access ledger names."""

    steps: int
    case: str
    certificate: str
    rating: str
    trace: str
    seen_by: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"journey: ok steps={self.steps} case={self.case} certificate={self.certificate} rating={self.rating} trace={self.trace}"


async def run(
    config: Config,
    *,
    say: Callable[[str], None] = print,
    person: Person | None = None,
    between: Between = lambda _: None,
) -> Outcome:
    """Take `person` (the first of the sandbox unless given, and new to this mesh) through all steps.

    Raises: Unexpected with what was expected and what came.
    """
    async with AsyncExitStack() as stack:
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongban-journey-")))
        anybody = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60))
        journey = Journey(config, person or people()[0], Narrator(say), anybody, keys, between)
        registered = await parties.register(journey, stack)
        known = await citizen.become_known(journey, registered)
        chosen = await matter.find(journey, known)
        log = config.folder / "logs" / "district.log"
        district = await stack.enter_async_context(
            district_process.started(config.gateway_url, registered.district, keys, log, is_pushed=True)
        )
        submitted = await submission.submit(journey, known, chosen)
        await submission.show_reuse(journey, known, submitted)
        await handling.handle(journey, registered, known, district, submitted)
        issued = await certificate.receive(journey, known, submitted)
        await certificate.present(journey, registered, known, issued)
        rated = await rating.rate(journey, known, district, submitted)
        seen_by = await record.read(journey, known, submitted)
        await tracing.follow(journey, registered, submitted)
        seconds = journey.narrator.total_s()
    return Outcome(journey.narrator.steps, submitted.number, issued.identifier, rated, submitted.trace_id, seen_by, seconds)
