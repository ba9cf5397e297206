"""Answers of neighbours that are the same for every caller and nobody's secret, kept for a moment and then asked about again.

Source: RFC 9110 section 13.1.2 (If-None-Match): what has not changed is not sent, read and built a second time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from chassis.errors import Unavailable
from chassis.http import patience

_KEPT_AT_ONCE: Final = 512


@dataclass(frozen=True, slots=True)
class Question:
    """GET `path` of `service` as `model`."""

    service: str
    path: str
    model: Any


@dataclass(slots=True)
class Kept:
    """What was answered, under which tag, and when it was asked (monotonic seconds)."""

    value: Any
    tag: str | None
    asked_at: float


Ask = Callable[[Question, Kept | None], Awaitable[Kept]]


class KeptAnswers:
    """`ask` puts a question anew, given what is kept of it. An answer is at most `fresh_s` old when it is given again."""

    def __init__(self, ask: Ask, *, fresh_s: float, deadline_s: float, at_most: int = _KEPT_AT_ONCE) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._deadline_s = deadline_s
        self._at_most = at_most
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._asking: dict[Question, asyncio.Task[Kept]] = {}

    async def get(self, question: Question) -> Any:
        """Whoever asks the same at once waits for the same answer, each for as long as its own caller does.

        Raises: as `ask` does; Unavailable when the caller's time is up. A refusal is not kept.
        """
        kept = self._kept.get(question)
        if kept is not None and kept.asked_at + self._fresh_s > asyncio.get_running_loop().time():
            self._kept.move_to_end(question)
            return kept.value
        asking = self._asking.get(question)
        if asking is None:
            asking = self._asking[question] = asyncio.create_task(self._refresh(question, kept))
            asking.add_done_callback(lambda done: self._asked(question, done))
        try:
            async with asyncio.timeout(patience.left_s(self._deadline_s)):
                return (await asyncio.shield(asking)).value
        except TimeoutError as error:
            raise Unavailable(f"{question.service} did not answer") from error

    async def _refresh(self, question: Question, kept: Kept | None) -> Kept:
        # Not as long as the first to ask waits: others wait for the same answer.
        patience.begin(None)
        return await self._ask(question, kept)

    def _asked(self, question: Question, done: "asyncio.Task[Kept]") -> None:
        del self._asking[question]
        if done.cancelled() or done.exception() is not None:
            self._kept.pop(question, None)
            return
        self._kept[question] = done.result()
        self._kept.move_to_end(question)
        if len(self._kept) > self._at_most:
            self._kept.popitem(last=False)
