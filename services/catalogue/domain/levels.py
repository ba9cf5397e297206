"""What is in force at one implementation, level by level: city ⊕ district ⊕ street ⊕ community. Source: ADR-0038."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from chassis.errors import NotFound
from contracts.api.catalogue import Contact, Delegation, Element, Implementation, Limit, Material, Matter
from contracts.problems import catalogue as problems
from contracts.rules import Told, rule
from contracts.values import TaskCode

_MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
"""直辖市: their bureaus stand where a province's do, and there is no city below them. Source: GB/T 2260."""
_MISMATCH: Final = rule("level-mismatch", "{code}: the level is that of where the agency stands", "{code}：行使层级与实施主体所在区划不符")
_UNKNOWN: Final = rule(
    "material-unknown", "{code}: the material {material} is one of the matter's", "{code}：减免的材料 {material} 不在事项材料清单中"
)
_OVER_STATUTORY: Final = rule(
    "promise-over-statutory", "{code}: a promise is not longer than the statutory limit", "{code}：承诺时限不得超过法定时限"
)
_OVER_ABOVE: Final = rule(
    "promise-over-above", "{code}: a promise is not longer than that of the level above", "{code}：承诺时限不得超过上级承诺时限"
)
_DATES: Final = rule("delegation-dates", "{code}: a delegation ends after it begins", "{code}：委托的终止日期早于起始日期")
_AREA: Final = rule(
    "delegation-area", "{code}: a delegation goes to a street or village below the agency", "{code}：受委托区域不在实施主体辖区内"
)
_TWICE: Final = rule("delegation-twice", "{code}: a thing is delegated to an area once at a time", "{code}：同一事权不得同期重复委托")
_COLUMN: Final = "implementations"
Broken = tuple[str, Told]
"""A rule that an implementation breaks, with the column that it stands in."""
_NO_AREAS: Final[Mapping[str, str]] = {}


class NoSuchImplementation(NotFound):
    problem = problems.MATTER_NOT_FOUND


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds at one implementation. `line` are the implementations it inherits from, the highest first, itself last."""

    line: tuple[TaskCode, ...]
    places: Sequence[Element]
    hours: Sequence[Element]
    contacts: Sequence[Contact]
    promised: Limit
    materials: Sequence[Material]
    delegations: Sequence[Delegation]


def level_of(division: str, area: str | None = None) -> int | None:
    """The exercise level of an agency by where it stands; None where no agency can stand.

    A bureau of a municipality such as 310000 is 2, not 3. Source: GB/T 39046 A.2; GB/T 2260; GB/T 10114 (9 and 12 digits).
    """
    if area is not None:
        return 6 if len(area) == 12 else 5
    if division == "000000":
        return 1
    if division.endswith("0000"):
        return 2
    if division.endswith("00"):
        return None if division[:2] in _MUNICIPALITIES else 3
    return 4


def place_of(division: str, area: str | None = None) -> str:
    """The digits that everything within begins with: none for the whole country."""
    if area:
        return area
    while division.endswith("00"):
        division = division[:-2]
    return division


def terms_of(matter: Matter, task_code: TaskCode, areas: Mapping[str, str] = _NO_AREAS) -> Terms:
    """What is in force at an implementation: each level says only what differs from the one above.

    `areas` are the streets and communities, by agency; without them a street stands right below its district.
    Raises NoSuchImplementation.
    """
    return Ladder(matter, areas).terms(task_code)


def delegated(delegations: Sequence[Delegation], on: date) -> list[Delegation]:
    """Those in force on a day; the last day counts."""
    return [each for each in delegations if each.from_on <= on and (each.until_on is None or on <= each.until_on)]


def broken_levels(matter: Matter, areas: Mapping[str, str] = _NO_AREAS) -> Iterator[Broken]:
    """Every rule of levels that an implementation breaks. That name, basic code, basis and type are the same at every level, and
    that no level adds materials, needs no rule: an implementation has no words for it (contracts.api.catalogue.Implementation)."""
    ladder = Ladder(matter, areas)
    asked = {each.code for each in matter.materials}
    for task_code, said in ladder.said.items():
        if level_of(_division(task_code), areas.get(_agency(task_code))) != task_code.level:
            yield _COLUMN, _MISMATCH.broken(code=task_code)
            continue
        if said.promised is not None:
            yield from _longer(matter, said.promised.working_days, ladder.above(task_code).promised, task_code)
        for code in said.without_materials:
            if code not in asked:
                yield _COLUMN, _UNKNOWN.broken(code=task_code, material=code)
        yield from _broken_delegations(said, ladder.place(task_code))


def _longer(matter: Matter, days: int, above: Limit, task_code: TaskCode) -> Iterator[Broken]:
    if days > matter.statutory.working_days:
        yield _COLUMN, _OVER_STATUTORY.broken(code=task_code)
    elif days > above.working_days:
        yield _COLUMN, _OVER_ABOVE.broken(code=task_code)


def _broken_delegations(said: Implementation, place: str) -> Iterator[Broken]:
    for number, each in enumerate(said.delegations):
        if each.until_on is not None and each.until_on < each.from_on:
            yield _COLUMN, _DATES.broken(code=said.task_code)
        if not each.area.startswith(place) or len(each.area) <= len(place):
            yield _COLUMN, _AREA.broken(code=said.task_code)
        if any(_meet(each, other) for other in said.delegations[:number]):
            yield _COLUMN, _TWICE.broken(code=said.task_code)


def _meet(one: Delegation, other: Delegation) -> bool:
    ends = [each.until_on or date.max for each in (one, other)]
    return (one.what, one.area) == (other.what, other.area) and one.from_on <= ends[1] and other.from_on <= ends[0]


# Not the values that a code is made of: each would compute its check characters again, a hundred times a guide.
def _agency(task_code: TaskCode) -> str:
    return task_code[:18]


def _division(task_code: TaskCode) -> str:
    return task_code[2:8]


class Ladder:
    """The implementations of a matter by the place each serves: a place lies in another whose digits it begins with."""

    def __init__(self, matter: Matter, areas: Mapping[str, str]) -> None:
        self._matter = matter
        self._areas = areas
        self.said: dict[TaskCode, Implementation] = {each.task_code: each for each in matter.implementations}
        self._at: dict[str, list[TaskCode]] = {}
        for task_code in sorted(self.said):
            self._at.setdefault(self.place(task_code), []).append(task_code)

    def place(self, task_code: TaskCode) -> str:
        """The digits of a division without its trailing pairs of zeros, or those of the street or community."""
        return place_of(_division(task_code), self._areas.get(_agency(task_code)))

    def parent(self, task_code: TaskCode) -> TaskCode | None:
        """The nearest implementation above; where two stand there, the one with the smaller code."""
        place = self.place(task_code)
        for length in range(len(place), -1, -1):
            above = [each for each in self._at.get(place[:length], ()) if each.level < task_code.level]
            if above:
                return max(above, key=lambda each: each.level)
        return None

    def above(self, task_code: TaskCode) -> Terms:
        """What holds for an implementation that says nothing of its own: the terms of its parent, or the matter's."""
        parent = self.parent(task_code)
        if parent:
            return self.terms(parent)
        matter = self._matter
        return Terms((), matter.places, matter.hours, matter.contacts, matter.promised, matter.materials, ())

    def terms(self, task_code: TaskCode) -> Terms:
        """Raises NoSuchImplementation."""
        said = self.said.get(task_code)
        if said is None:
            raise NoSuchImplementation
        above = self.above(task_code)
        gone = set(said.without_materials)
        return replace(
            above,
            line=(*above.line, task_code),
            places=said.places or above.places,
            hours=said.hours or above.hours,
            contacts=said.contacts or above.contacts,
            promised=said.promised or above.promised,
            materials=[each for each in above.materials if each.code not in gone],
            delegations=said.delegations,
        )
