"""Which agency exercises a matter for a place: the one at the nearest level of exercise 行使层级. Source: GB/T 39046 A.2; ADR-0054."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.values import TaskCode
from services.catalogue.domain.levels import place_of

_DIVISION: Final = 6


@dataclass(frozen=True, slots=True)
class Seat:
    """An implementation, and where its agency stands: `area` is the street or community that it serves, if it serves no whole division."""

    task_code: TaskCode
    division: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a place says: who `decides`, or of whom it does not say which, or nobody at all."""

    decides: TaskCode | None = None
    candidates: tuple[TaskCode, ...] = ()


def competent(seats: Sequence[Seat], place: str) -> Found:
    """The nearest that serves the whole place, of the lowest level there; two of them, or only parts of the place served, are unclear.

    `place` has 6 digits of a division, or the 9 or 12 of a street or community.
    """
    wanted = place_of(place[:6], place if len(place) > _DIVISION else None)
    at = {seat.task_code: place_of(seat.division, seat.area) for seat in seats}
    serving = {code: where for code, where in at.items() if wanted.startswith(where)}
    if not serving:
        return Found(candidates=tuple(sorted(code for code, where in at.items() if where.startswith(wanted))))
    nearest = max((len(where), code.level) for code, where in serving.items())
    found = sorted(code for code, where in serving.items() if (len(where), code.level) == nearest)
    return Found(decides=found[0]) if len(found) == 1 else Found(candidates=tuple(found))
