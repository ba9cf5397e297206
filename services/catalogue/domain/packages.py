"""Packages as graphs: which steps a situation has, in which order, what each needs and who gives it. Source: ADR-0043."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, Literal, NamedTuple

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.api.catalogue import (
    FormField,
    Matter,
    Package,
    PackageItem,
    PackageQuestion,
    PackageSituation,
    PackageState,
    Provenance,
    Things,
)
from contracts.problems import catalogue as problems
from services.catalogue.domain.matters import provenance_of

MOST_SITUATIONS: Final = 500
_HELD: Final = {"certificate", "data_check", "agency_help"}
_WEAKEST_FIRST: Final[tuple[Provenance, ...]] = ("illustrative", "recalled", "official")

Answered = Mapping[str, str]
When = Mapping[str, Collection[str]]


class NoSuchPackage(NotFound):
    problem = problems.PACKAGE_NOT_FOUND


class NoSuchDraft(NotFound):
    problem = problems.PACKAGE_DRAFT_NOT_FOUND


class NoSuchSituation(NotFound):
    problem = problems.PACKAGE_SITUATION_NOT_FOUND


class NotToBeApplied(Conflict):
    """Only its name, or the names of its parts, are known."""

    problem = problems.PACKAGE_WITHOUT_STEPS


class PackageHalted(Conflict):
    """`steps` are those whose matters are not to be had."""

    problem = problems.PACKAGE_HALTED


class PackageOfAnother(Forbidden):
    problem = problems.PACKAGE_OF_ANOTHER


class DraftChanged(Conflict):
    """Another revision was reviewed than the one there is, or another version is next."""

    problem = problems.PACKAGE_DRAFT_CHANGED


class SameOfficerMayNotPublish(Conflict):
    problem = problems.PACKAGE_NEEDS_SECOND_OFFICER


class EffectiveInThePast(Invalid):
    problem = problems.PACKAGE_EFFECTIVE_IN_THE_PAST


class PackageRefused(Invalid):
    """`errors` has a shortest counter-example for each broken rule."""

    problem = problems.PACKAGE_REFUSED


class Thing(NamedTuple):
    """What steps need and give."""

    kind: Literal["field", "material"]
    name: str


@dataclass(frozen=True, slots=True)
class Need:
    """`when` is empty where the step always needs it; else one of these must hold."""

    is_required: bool = True
    when: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A step before a situation is known."""

    code: str
    when: When
    after: tuple[str, ...]
    needs: Mapping[Thing, Need]
    gives: frozenset[Thing]
    days: int
    is_published: bool = True


@dataclass(frozen=True, slots=True)
class Graph:
    """All steps in the order in which they were written. `held` is what the city has before the package begins."""

    nodes: Mapping[str, Node]
    situations: tuple[PackageSituation, ...]
    held: frozenset[Thing]
    asked: frozenset[Thing]
    promised: int | None


@dataclass(frozen=True)
class Course:
    """A graph in one situation: its steps alone, waiting for one another only."""

    graph: Graph
    situation: PackageSituation

    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {code: node for code, node in self.graph.nodes.items() if holds(node.when, self.situation.answers)}

    @cached_property
    def after(self) -> dict[str, tuple[str, ...]]:
        return {code: tuple(each for each in node.after if each in self.nodes) for code, node in self.nodes.items()}

    @cached_property
    def before(self) -> dict[str, frozenset[str]]:
        """All steps that must be done before each; a step of a cycle is before itself."""
        reached = {code: set(after) for code, after in self.after.items()}
        for between in self.nodes:
            for known in reached.values():
                if between in known:
                    known.update(reached[between])
        return {code: frozenset(known) for code, known in reached.items()}

    @property
    def has_cycle(self) -> bool:
        return any(code in self.before[code] for code in self.nodes)

    def needs(self, code: str) -> dict[Thing, Need]:
        """What the step needs in this situation."""
        answers = self.situation.answers
        return {
            thing: need
            for thing, need in self.nodes[code].needs.items()
            if not need.when or any(holds(each, answers) for each in need.when)
        }

    def giver(self, thing: Thing, code: str) -> str | None:
        """The earlier step whose result gives it to this one."""
        return next((each for each in self.nodes if each in self.before[code] and thing in self.nodes[each].gives), None)

    @cached_property
    def order(self) -> list[str]:
        """Every step after those it waits for. There must be no cycle."""
        return sorted(self.nodes, key=lambda code: len(self.before[code]))

    @cached_property
    def ends(self) -> dict[str, int]:
        """Working days from the start until each step is done. There must be no cycle."""
        ends: dict[str, int] = {}
        for code in self.order:
            ends[code] = self.starts_at(code, ends) + self.nodes[code].days
        return ends

    def starts_at(self, code: str, ends: Mapping[str, int]) -> int:
        return max((ends[each] for each in self.after[code]), default=0)

    def longest_path(self) -> list[str]:
        """The steps that decide when everything is done, first to last. There must be no cycle."""
        path: list[str] = []
        waited: Sequence[str] = tuple(self.nodes)
        while waited:
            path.append(max(waited, key=lambda code: self.ends[code]))
            waited = self.after[path[-1]]
        return path[::-1]

    def stages(self) -> list[list[str]]:
        """Steps that can go side by side, stage after stage. There must be no cycle."""
        stage: dict[str, int] = {}
        for code in self.order:
            stage[code] = max((stage[each] + 1 for each in self.after[code]), default=0)
        return [[code for code in self.nodes if stage[code] == each] for each in sorted(set(stage.values()))]


def ready(after: Mapping[str, Collection[str]], *, started: Collection[str], done: Collection[str]) -> list[str]:
    """The steps that can be started now. Whoever runs a package asks this after each result; it keeps no state."""
    return [code for code, waited in after.items() if code not in started and set(waited) <= set(done)]


def holds(when: When, answers: Answered) -> bool:
    return all(answers.get(question) in choices for question, choices in when.items())


def situations_of(questions: Sequence[PackageQuestion]) -> list[PackageSituation]:
    """Every way through the questions, at most one more than is allowed; one for a package that asks nothing."""
    return list(islice(_ways(questions, {}, []), MOST_SITUATIONS + 1))


def _ways(questions: Sequence[PackageQuestion], answers: dict[str, str], said: list[tuple[str, str]]) -> Iterator[PackageSituation]:
    if not questions:
        yield PackageSituation(
            code=".".join(answers.values()) or "all",
            zh=" · ".join(zh for zh, _ in said) or "全部",
            en=", ".join(en for _, en in said) or "everybody",
            answers=answers,
        )
        return
    first, *rest = questions
    if not holds(first.when, answers):
        yield from _ways(rest, answers, said)
        return
    for choice in first.choices:
        yield from _ways(rest, answers | {first.code: choice.code}, [*said, (choice.zh, choice.en)])


def state_of(package: Package) -> PackageState:
    if package.items:
        return "complete"
    return "listed" if package.parts else "named"


def provenance_of_package(package: Package, matters: Iterable[Matter] = ()) -> Provenance:
    """As sure as its weakest part, the matters of its steps included."""
    said = {package.provenance, *(part.provenance for part in package.parts), *(item.provenance for item in package.items)}
    said |= {listing.provenance for listing in package.listed}
    said |= {provenance_of(matter) for matter in matters}
    return next(each for each in _WEAKEST_FIRST if each in said)


def graph_of(package: Package, matters: Mapping[str, Matter], dictionary: Mapping[str, FormField]) -> Graph:
    """The package as its published matters say it: forms and materials are theirs, so that a change there reaches here."""
    nodes = {item.code: _node(item, matters.get(item.basic_code)) for item in package.items}
    given = {thing for node in nodes.values() for thing in node.gives}
    held = {Thing("field", name) for name, field in dictionary.items() if field.source}
    used = [material for item in package.items if item.basic_code in matters for material in matters[item.basic_code].materials]
    held |= {Thing("material", material.code) for material in used if material.exemption in _HELD}
    return Graph(
        nodes=nodes,
        situations=tuple(situations_of(package.questions)),
        # What a package brings about is not there before it, whatever the city's registers hold of others.
        held=frozenset(held - given),
        asked=frozenset(things_of(package.asks)),
        promised=package.promised_working_days,
    )


def _node(item: PackageItem, matter: Matter | None) -> Node:
    needs = {Thing("field", name): Need() for name in matter.form} if matter else {}
    needs |= {Thing("material", each.code): Need(each.is_required) for each in (matter.materials if matter else ())}
    for only in item.only_when:
        # A matter that no longer asks for it takes the condition with it.
        for thing in set(things_of(only)) & needs.keys():
            needs[thing] = Need(needs[thing].is_required, (*needs[thing].when, only.when))
    days = item.working_days if item.working_days is not None else (matter.promised.working_days if matter else 0)
    return Node(item.code, item.when, tuple(item.depends_on), needs, frozenset(things_of(item.produces)), days, matter is not None)


def things_of(said: Things) -> list[Thing]:
    return [*(Thing("field", name) for name in said.fields), *(Thing("material", name) for name in said.materials)]
