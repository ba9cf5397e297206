"""How a request's coroutine goes on the moment that what it waits for is there.

A task would go on in the event loop's next round, twice for every request: that costs as much as two of the six rooms. Here a
coroutine is driven by the very callback that brings what it waits for. It becomes a task when it waits for anything else.
"""

import asyncio
import inspect
import types
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, ClassVar, Final, cast

_BECOME_A_TASK: Final = object()


class Turn:
    """Something that one coroutine waits for: `await` it once, `give` it once."""

    __slots__ = ("_go_on", "_is_given")

    def __init__(self) -> None:
        self._is_given = False
        self._go_on: Callable[[], None] | None = None

    def give(self) -> None:
        self._is_given = True
        go_on, self._go_on = self._go_on, None
        if go_on is not None:
            go_on()

    def forget(self) -> None:
        self._go_on = None

    def then(self, go_on: Callable[[], None]) -> None:
        self._go_on = go_on

    def __await__(self) -> Generator[Any, None, None]:
        if self._is_given:
            return
        if Driven.is_stepping:
            yield self
            return
        given = asyncio.get_running_loop().create_future()
        self._go_on = partial(_settle, given)
        yield from given


def _settle(given: "asyncio.Future[None]") -> None:
    if not given.done():
        given.set_result(None)


@types.coroutine
def as_task() -> Generator[Any, None, None]:
    """From here on the coroutine runs in a task of its own: for what needs one, as a time-out does."""
    if Driven.is_stepping:
        yield _BECOME_A_TASK


class Driven:
    """A coroutine from its first step, taken at once, to its end, which `ended` is told with what it raised.

    `is_stepping` while one is, of whichever: what runs is then no task, whoever called.
    """

    is_stepping: ClassVar[bool] = False
    __slots__ = ("_coroutine", "_ended", "_loop", "_task", "_turn")

    def __init__(
        self, coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop, ended: Callable[[BaseException | None], None]
    ) -> None:
        self._coroutine = coroutine
        self._loop = loop
        self._ended = ended
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None

    def go_on(self) -> None:
        self._step(self._coroutine.send, None)

    def cancel(self) -> None:
        if self._task is not None:
            if inspect.getgeneratorstate(cast("Generator[Any, None, None]", self._task.get_coro())) == inspect.GEN_CREATED:
                # Cancelled before its first step, which is in the loop already, it would end and its coroutine never learn of it.
                self._loop.call_soon(self._task.cancel)
            else:
                self._task.cancel()
        elif self._turn is not None:
            self._turn.forget()
            self._step(self._coroutine.throw, asyncio.CancelledError())

    def _step(self, take: Callable[[Any], Any], given: Any) -> None:
        outer, Driven.is_stepping = Driven.is_stepping, True
        try:
            waits_for = take(given)
        except StopIteration:
            ended: BaseException | None = None
        except BaseException as error:  # noqa: BLE001 (as a task, it hands on whatever ended it)
            ended = error
        else:
            self._await(waits_for)
            return
        finally:
            Driven.is_stepping = outer
        self._turn = None
        self._ended(ended)

    def _await(self, waits_for: Any) -> None:
        if type(waits_for) is Turn:
            self._turn = waits_for
            waits_for.then(self.go_on)
        else:
            self._turn = None
            self._task = self._loop.create_task(_continued(self._coroutine, waits_for))
            self._task.add_done_callback(self._task_ended)

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        self._ended(asyncio.CancelledError() if task.cancelled() else task.exception())


@types.coroutine
def _continued(coroutine: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, None, None]:
    """The rest of a coroutine that waits for something."""
    while True:
        try:
            if waits_for is not _BECOME_A_TASK:
                yield waits_for
        except BaseException as error:  # noqa: BLE001 (the coroutine's to handle)
            try:
                waits_for = coroutine.throw(error)
            except StopIteration:
                return
        else:
            try:
                waits_for = coroutine.send(None)
            except StopIteration:
                return
