"""What is found, and what a search is narrowed to."""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["matter", "package", "guide"]
Key = tuple[str, str]
"""Kind and code."""


@dataclass(frozen=True, slots=True)
class Place:
    """One implementation of a matter, and what it promises in working days."""

    task_code: str
    promised: int

    @property
    def division(self) -> str:
        return self.task_code[2:8]

    @property
    def level(self) -> int:
        return int(self.task_code[18])


@dataclass(frozen=True, slots=True)
class Entry:
    """A matter, package or guide as search knows it. Only what is done at places has `places`."""

    kind: Kind
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    is_immediate: bool = False
    visits: int = 0
    illustrative: bool = True
    places: tuple[Place, ...] = ()

    @property
    def key(self) -> Key:
        return (self.kind, self.code)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is asked for beside the words; None asks for anything."""

    kinds: frozenset[str] | None = None
    division: str | None = None
    theme: str | None = None
    level: int | None = None
    channel: str | None = None
    served: str | None = None
    is_immediate: bool | None = None
    most_visits: int | None = None

    def allows(self, entry: Entry) -> bool:
        """Whether an entry is asked for, its places aside."""
        return (
            (self.kinds is None or entry.kind in self.kinds)
            and (self.theme is None or self.theme in entry.themes)
            and (self.channel is None or self.channel in entry.channels)
            and (self.served is None or self.served in entry.served)
            and (self.is_immediate is None or self.is_immediate == entry.is_immediate)
            and (self.most_visits is None or entry.visits <= self.most_visits)
        )

    def of(self, *kinds: str) -> "Narrowed":
        """Asked for among these kinds only; none asks for all."""
        return replace(self, kinds=frozenset(kinds) or None)

    def serves(self, entry: Entry) -> bool:
        """Whether it is done somewhere for whoever asks; what has no places has no level."""
        return any(self._is_near(each) for each in entry.places) if entry.places else self.level is None

    def places(self, entry: Entry) -> list[Place]:
        """Where it is done for whoever asks, the nearest first: in the division, then by the city for all its districts."""
        served = [each for each in entry.places if self._is_near(each)]
        return sorted(served, key=lambda each: (self.division is not None and each.division != self.division, each.task_code))

    def _is_near(self, place: Place) -> bool:
        if self.division is not None and place.division not in {self.division, f"{self.division[:2]}0000"}:
            return False
        return self.level is None or place.level == self.level
