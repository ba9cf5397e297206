"""Faulty graphs are refused with a shortest counter-example, good ones pass. The counter-examples in the files were found by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.api.catalogue import PackageChoice, PackageQuestion
from services.catalogue.domain.package_checks import Broken, broken_in
from services.catalogue.domain.packages import Graph, Need, Node, Thing, situations_of

GRAPHS = Path(__file__).parent / "packages"
FAULTY: list[dict[str, Any]] = json.loads((GRAPHS / "faulty.json").read_text())
GOOD: list[dict[str, Any]] = json.loads((GRAPHS / "good.json").read_text())
WITHOUT_SITUATION = {"not-published", "unreachable"}


def thing(name: str) -> Thing:
    return Thing("material" if "-" in name else "field", name)


def needs(step: dict[str, Any]) -> dict[Thing, Need]:
    """A need is a name, or a name with the situations in which it is one."""
    found = {thing(name): Need(is_required=False) for name in step.get("optional", ())}
    for need in step.get("needs", ()):
        said = need if isinstance(need, dict) else {need: None}
        found |= {thing(name): Need(when=(when,) if when else ()) for name, when in said.items()}
    return found


def question(code: str, said: Any) -> PackageQuestion:
    choices, when = (said, {}) if isinstance(said, list) else (said["choices"], said["when"])
    return PackageQuestion(
        code=code, zh="示例", en="x", choices=[PackageChoice(code=each, zh="示例", en="x") for each in choices], when=when
    )


def graph(said: dict[str, Any]) -> Graph:
    nodes = {
        code: Node(
            code=code,
            when=step.get("when", {}),
            after=tuple(step.get("after", ())),
            needs=needs(step),
            gives=frozenset(thing(name) for name in step.get("gives", ())),
            days=step.get("days", 1),
            is_published=step.get("published", True),
        )
        for code, step in said["steps"].items()
    }
    return Graph(
        nodes=nodes,
        situations=tuple(situations_of([question(code, each) for code, each in said.get("questions", {}).items()])),
        held=frozenset(thing(name) for name in said.get("held", ())),
        asked=frozenset(thing(name) for name in said.get("asked", ())),
        promised=said.get("promised", 100),
    )


def test_there_are_thirty_of_each_and_every_rule_has_its_own() -> None:
    assert len(FAULTY) >= 30
    assert len(GOOD) >= 30
    rules = {"cycle", "unreachable", "no-producer", "too-late", "beyond-promise", "two-producers", "not-published"}
    assert {each["fault"] for each in FAULTY} == rules


@pytest.mark.parametrize("said", FAULTY, ids=lambda said: said["name"])
def test_a_faulty_graph_is_refused_with_the_shortest_counter_example(said: dict[str, Any]) -> None:
    situation = None if said["fault"] in WITHOUT_SITUATION else said.get("situation", "all")
    expected = Broken(said["fault"], situation, tuple(said["counter"]), said.get("thing"), said.get("days"))
    assert broken_in(graph(said)) == [expected]


@pytest.mark.parametrize("said", GOOD, ids=lambda said: said["name"])
def test_a_good_graph_passes(said: dict[str, Any]) -> None:
    assert broken_in(graph(said)) == []


def test_several_broken_rules_are_told_at_once() -> None:
    said = {
        "promised": 2,
        "steps": {"a": {"after": ["b"]}, "b": {"after": ["a"]}, "c": {"days": 3, "when": {"none": ["x"]}, "published": False}},
    }
    assert [each.fault for each in broken_in(graph(said))] == ["not-published", "cycle", "unreachable"]


def test_more_situations_than_anybody_can_read_are_refused() -> None:
    said = {"questions": {f"q{n}": ["yes", "no"] for n in range(9)}, "steps": {"a": {}}}
    assert [each.fault for each in broken_in(graph(said))] == ["too-many-situations"]
