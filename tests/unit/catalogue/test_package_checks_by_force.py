"""The checks against brute force: on small graphs every path, ring and row is tried."""

from collections.abc import Iterator
from itertools import pairwise, permutations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.api.catalogue import PackageSituation
from services.catalogue.domain.package_checks import Broken, broken_in
from services.catalogue.domain.packages import Graph, Need, Node, Thing

STEPS = "abcde"
THINGS = [Thing("field", "x"), Thing("field", "y")]
WAYS = ["left", "right"]

nodes = st.builds(
    lambda when, after, wanted, gives, days: (when, after, wanted, gives, days),
    st.sampled_from([{}, {}, {"way": ["left"]}, {"way": ["right"]}, {"way": ["nowhere"]}]),
    st.lists(st.sampled_from(STEPS), max_size=2),
    st.lists(st.sampled_from(THINGS), max_size=1),
    st.lists(st.sampled_from(THINGS), max_size=1),
    st.integers(0, 3),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    codes = STEPS[: draw(st.integers(1, 5))]
    found = {}
    for code in codes:
        when, after, wanted, gives, days = draw(nodes)
        kept = tuple(each for each in after if each in codes)
        found[code] = Node(code, when, kept, {each: Need() for each in wanted}, frozenset(gives), days)
    ways = [PackageSituation(code=way, zh=way, en=way, answers={"way": way}) for way in WAYS]
    asked = frozenset(draw(st.lists(st.sampled_from(THINGS), max_size=1)))
    return Graph(found, tuple(ways), frozenset(), asked, draw(st.integers(1, 9)))


def present(graph: Graph, way: str) -> dict[str, tuple[str, ...]]:
    """Step → those it waits for, in one situation."""
    there = {code for code, node in graph.nodes.items() if way in node.when.get("way", WAYS)}
    return {code: tuple(each for each in graph.nodes[code].after if each in there) for code in graph.nodes if code in there}


def rows(after: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Every row of different steps of which each waits for the one before."""
    for length in range(1, len(after) + 1):
        for row in permutations(after, length):
            if all(before in after[then] for before, then in pairwise(row)):
                yield row


def rings(after: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [row for row in rows(after) if row[-1] in after[row[0]]]


def lacking(graph: Graph, after: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, Thing, list[str]]]:
    """Step, thing, and those that would give it."""
    before = {(row[0], row[-1]) for row in rows(after) if len(row) > 1}
    for code in after:
        for thing in graph.nodes[code].needs:
            givers = [each for each in after if each != code and thing in graph.nodes[each].gives]
            if thing not in graph.asked and not any((each, code) in before for each in givers):
                yield code, thing, givers


def examples(graph: Graph, after: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, int]]:
    """Rule and how many steps a counter-example has, in one situation."""
    for thing in THINGS:
        if sum(thing in graph.nodes[code].gives for code in after) > 1:
            yield "two-producers", 2
    yield from (("cycle", len(ring)) for ring in rings(after))
    if rings(after):
        return
    every = list(rows(after))
    yield from (("beyond-promise", len(row)) for row in every if sum(graph.nodes[code].days for code in row) > (graph.promised or 0))
    for code, _, givers in lacking(graph, after):
        if not givers:
            yield "no-producer", 1
        yield from (("too-late", min((len(row) for row in every if (row[0], row[-1]) == (code, each)), default=2)) for each in givers)


def lengths(graph: Graph) -> dict[str, int]:
    """Rule → how many steps its shortest counter-example has."""
    situations = [present(graph, way) for way in WAYS]
    found = [example for after in situations for example in examples(graph, after)]
    found += [("unreachable", 1) for code in graph.nodes if not any(code in after for after in situations)]
    return {rule: min(length for each, length in found if each == rule) for rule, _ in found}


def is_true(graph: Graph, broken: Broken) -> bool:
    """Whether the counter-example itself holds in its situation."""
    steps = broken.steps
    if broken.situation is None:
        return all(steps[0] not in present(graph, way) for way in WAYS)
    after = present(graph, broken.situation)
    waits = [then in after[first] for first, then in zip(steps, (*steps[1:], steps[0]), strict=True)]
    if broken.fault == "cycle":
        return all(waits)
    if broken.fault == "beyond-promise":
        days = sum(graph.nodes[code].days for code in steps)
        return steps in set(rows(after)) and days == broken.days and days > (graph.promised or 0)
    if broken.fault == "two-producers":
        return all(broken.thing in {thing.name for thing in graph.nodes[code].gives} for code in steps)
    found = [(code, thing.name, givers) for code, thing, givers in lacking(graph, after)]
    if broken.fault == "no-producer":
        return (steps[0], broken.thing, []) in found
    return any((code, thing) == (steps[0], broken.thing) and steps[-1] in givers for code, thing, givers in found)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs())
def test_every_rule_finds_what_brute_force_finds_and_nothing_shorter_exists(graph: Graph) -> None:
    found = broken_in(graph)
    assert {each.fault: len(each.steps) for each in found} == lengths(graph)
    assert all(is_true(graph, each) for each in found)
