"""Tells the journey to a person who reads along: what happened, for whom, and how long it took."""

import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_WIDTH = 110
_WHO = 24


@dataclass
class Line:
    """One thing that happens; `result` is filled in by whoever makes it happen."""

    result: str = ""

    def says(self, result: str) -> None:
        self.result = result


@dataclass
class Narrator:
    """Numbers the steps and counts them; `say` takes one line of text."""

    say: Callable[[str], None]
    steps: int = 0
    _started: float = field(default_factory=time.perf_counter)

    def title(self, zh: str, en: str) -> None:
        self.steps += 1
        self.say(f"\n{self.steps:>2}  {zh}\n    {en}")

    @contextmanager
    def act(self, who: str, what: str) -> Iterator[Line]:
        """One line: who did what, with which result, in how many milliseconds."""
        line = Line()
        started = time.perf_counter()
        try:
            yield line
        except BaseException as error:
            self.tell(who, what, f"{type(error).__name__}: {error}", ms=(time.perf_counter() - started) * 1000, mark="✗")
            raise
        self.tell(who, what, line.result, ms=(time.perf_counter() - started) * 1000)

    def tell(self, who: str, what: str, result: str, *, ms: float, mark: str = "·") -> None:
        """A line about something that took `ms` elsewhere; the result has one of its own where both are long."""
        said = f"    {mark} {padded(who, _WHO)} {what}"
        if result and _columns(said) + _columns(result) + 3 > _WIDTH:
            self.say(said)
            said = f"      {padded('', _WHO)} → {result}"
        elif result:
            said = f"{said} → {result}"
        self.say(f"{padded(said, _WIDTH)} {ms:7.0f} ms")

    def total_s(self) -> float:
        return time.perf_counter() - self._started


def _columns(text: str) -> int:
    """How wide it is on a terminal, where a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, width: int) -> str:
    return text + " " * max(0, width - _columns(text))
