"""What every step of a journey is given: the mesh, the citizen, the narrator, and how to ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from deploy.client import patiently
from deploy.client.patience import Call
from deploy.local.journey.config import Config, Person
from deploy.local.journey.narrator import Line, Narrator

T = TypeVar("T")
Between = Callable[[int], None]

_LOOK_EVERY_S = 0.15


class Unexpected(Exception):
    """An answer that the journey did not expect; the text says what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Journey:
    """`between` is called before each call with the number of the step; `anybody` calls without credentials."""

    config: Config
    citizen: Person
    narrator: Narrator
    anybody: httpx.AsyncClient
    keys: Path
    between: Between

    def step(self, zh: str, en: str) -> None:
        self.narrator.title(zh, en)

    def act(self, who: str, what: str) -> AbstractContextManager[Line]:
        return self.narrator.act(who, what)

    async def ask(self, call: Call, status: int = 200) -> httpx.Response:
        """The answer to a call that may be repeated (see `patiently`). Raises Unexpected on another status."""
        self.between(self.narrator.steps)
        answer = await patiently(call)
        if answer.status_code != status:
            raise Unexpected(f"expected {status}, got {_described(answer)}")
        return answer

    async def refused(self, call: Call, status: int, code: str) -> dict[str, Any]:
        """The problem that a call is refused with. Raises Unexpected when it is granted, or refused for another reason."""
        problem: dict[str, Any] = (await self.ask(call, status)).json()
        if problem.get("code") != code:
            raise Unexpected(f"expected the refusal {code}, got {problem}")
        return problem

    async def found(self, call: Call, pick: Callable[[Any], T | None], *, what: str) -> T:
        """What `pick` finds in the answer, now or soon. Raises Unexpected naming `what` was waited for."""
        seen = ""

        async def look() -> T | None:
            nonlocal seen
            answer = await self.ask(call)
            seen = _described(answer)
            return pick(answer.json())

        return await self.until(look, what=lambda: f"{what}, got {seen}")

    async def until(self, look: Callable[[], Awaitable[T | None]], *, what: Callable[[], str], within_s: float = 60.0) -> T:
        """Look again until there is something. Raises Unexpected."""
        deadline = time.monotonic() + within_s
        while (found := await look()) is None:
            if time.monotonic() > deadline:
                raise Unexpected(f"expected within {within_s:.0f} s {what()}")
            await asyncio.sleep(_LOOK_EVERY_S)
        return found


def check(holds: object, what: str) -> None:
    """Raises Unexpected unless it holds."""
    if not holds:
        raise Unexpected(f"expected {what}")


def _described(answer: httpx.Response) -> str:
    return f"{answer.status_code} from {answer.request.method} {answer.request.url.path}: {answer.text[:1000]}"
