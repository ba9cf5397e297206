"""The clock against a model of it that goes through every minute, over random histories and calendars."""

import os
from typing import Final

from tests.unit.application.histories import case_of, cities, found, histories, instant, sure
from tests.unit.application.minute_model import expected, is_sure

SEED: Final = int(os.environ.get("CLOCK_SEED", "7"))
HISTORIES: Final = int(os.environ.get("CLOCK_HISTORIES", "4000"))
_CITIES: Final = 6


def test_every_minute_agrees_with_the_clock() -> None:
    """`python -m tests.bench.clock` compares a hundred thousand and more."""
    known = cities(SEED, _CITIES)
    seen = set()
    for number, history in enumerate(histories(SEED, HISTORIES)):
        city, case = known[number % _CITIES], case_of(history)
        wanted = expected(history, city.office)
        assert found(case, city.schedule) == {name: instant(end) for name, end in wanted.items()}, (number, history)
        for name, is_settled in sure(case, city.schedule).items():
            assert is_settled is is_sure(city.office, wanted[name]), (number, name, history)
        seen |= set(wanted)
    terms = {"received", "prereview", "intake", "correction", "promise", "statutory", "step", "suspension", "warning", "result", "renewal"}
    assert seen >= terms | {"hearing request", "hearing", "hearing again", "result again", "survey 0", "survey 1"}
