"""The clock against a model of it that goes through every minute, over random histories and calendars."""

import os
from typing import Final

from tests.unit.application.histories import differences

SEED: Final = int(os.environ.get("CLOCK_SEED", "7"))
HISTORIES: Final = int(os.environ.get("CLOCK_HISTORIES", "2500"))
_EVERY_TERM: Final = {
    "received", "prereview", "intake", "correction", "promise", "statutory", "step", "suspension", "warning", "result", "result again",
    "renewal", "hearing request", "hearing", "hearing again", "survey 0", "survey 1",
}  # fmt: skip


def test_every_minute_agrees_with_the_clock() -> None:
    """`python -m tests.bench.clock` compares a hundred thousand and more."""
    seen: set[str] = set()
    for compared in differences(SEED, HISTORIES):
        assert not compared.said
        seen |= compared.terms
    assert seen == _EVERY_TERM
