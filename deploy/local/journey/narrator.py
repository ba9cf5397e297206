"""Prints the journey for a person to read: what happened, for whom, and how long it took."""

import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_WIDTH = 84


@dataclass
class Line:
    """One thing that happens; `result` is filled in by whoever makes it happen."""

    result: str = ""

    def says(self, result: str) -> None:
        self.result = result


@dataclass
class Narrator:
    """Numbers the steps and counts them."""

    steps: int = 0
    _started: float = field(default_factory=time.perf_counter)

    def title(self, zh: str, en: str) -> None:
        self.steps += 1
        print(f"\n{self.steps:>2}  {zh}  {en}", flush=True)

    @contextmanager
    def act(self, who: str, what: str) -> Iterator[Line]:
        """One printed line: who did what, with which result, in how many milliseconds."""
        line = Line()
        started = time.perf_counter()
        try:
            yield line
        except BaseException as error:
            self._print("✗", who, what, f"{type(error).__name__}: {error}", started)
            raise
        self._print("·", who, what, line.result, started)

    def _print(self, mark: str, who: str, what: str, result: str, started: float) -> None:
        spent = (time.perf_counter() - started) * 1000
        said = f"    {mark} {_padded(who, 16)} {what}" + (f" → {result}" if result else "")
        print(f"{_padded(said, _WIDTH)} {spent:7.0f} ms", flush=True)

    def total_s(self) -> float:
        return time.perf_counter() - self._started


def _padded(text: str, width: int) -> str:
    """`text` filled up to `width` columns, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(0, width - taken)
