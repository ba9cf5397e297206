import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from contracts.events import Event
from contracts.topics import SERVICES, TOPICS, all_topics
from deploy.schemas import event_types
from tests.architecture.house_rules import sources

EVENTS: Final = {event.__name__: event for event in event_types().values()}
UNREAD: Final = {
    "case.submitted": "as case.correction_requested",
    "case.corrected": "as case.correction_requested",
    "case.correction_requested": "for those who notify people; nobody in the mesh does",
    "case.accepted": "as case.correction_requested",
    "case.refused": "as case.correction_requested",
    "case.not_accepted": "as case.correction_requested: nobody in the mesh waits for a case that was not granted",
    "case.withdrawn": "as case.not_accepted",
    "case.terminated": "as case.not_accepted",
    "matter.changed": "for those who keep guides of their own; the mesh asks the catalogue",
    "matter.withdrawn": "as matter.published",
    "package.published": "as matter.published",
    "matter.published": "for those who keep guides of their own; the mesh asks the catalogue",
    "certificate.state_changed": "for verifiers who keep copies; the mesh asks the certificate service each time",
    "certificate.presented": "for audits of verifiers; holders see it in their ledger by data.accessed",
    "person.closed": "for systems that keep accounts of their own; cases and certificates of the mesh go on",
    "policy.changed": "for operators; gateways hear of it from their own database",
    "rating.invited": "as case.correction_requested",
    "rating.submitted": "for statistics of agencies, which are another product's",
    "rating.replied": "as rating.submitted",
}


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def _names(call: ast.Call) -> set[str]:
    return {argument.id for argument in call.args[:1] if isinstance(argument, ast.Name)} & EVENTS.keys()


@cache
def subscribers() -> dict[str, set[str]]:
    """Event class → the packages that say `….on(Event)` or `….on_many(Event)`."""
    found = defaultdict(set)
    for source in sources("gateway", "services"):
        package = source.path.split("/")[1 if source.is_under("services") else 0]
        for call in _calls(source.tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in {"on", "on_many"}:
                for name in _names(call):
                    found[name].add(package)
    return found


@cache
def makers() -> dict[str, set[str]]:
    """Event class → the packages that make one."""
    found = defaultdict(set)
    for source in sources("gateway", "services", "chassis"):
        package = source.path.split("/")[1 if source.is_under("services") else 0]
        for call in _calls(source.tree):
            if isinstance(call.func, ast.Name) and call.func.id in EVENTS:
                found[call.func.id].add(package)
    return found


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.TYPE)
def test_an_event_has_a_topic_of_each_publisher(event: type[Event]) -> None:
    assert event.PUBLISHERS
    assert set(event.PUBLISHERS) <= TOPICS.keys()


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.TYPE)
def test_an_event_has_a_reader_or_a_reason(event: type[Event]) -> None:
    assert bool(subscribers()[event.__name__]) != (event.TYPE in UNREAD), subscribers()[event.__name__]


@pytest.mark.parametrize("event", [each for each in EVENTS.values() if len(each.PUBLISHERS) == 1], ids=lambda event: event.TYPE)
def test_an_event_is_made_by_its_publisher_and_nobody_else(event: type[Event]) -> None:
    assert makers()[event.__name__] == set(event.PUBLISHERS)


def test_reasons_are_given_for_events_that_exist() -> None:
    assert UNREAD.keys() <= {event.TYPE for event in EVENTS.values()}


def test_every_service_has_a_topic_and_one_for_what_is_set_aside() -> None:
    assert TOPICS.keys() == set(SERVICES)
    names = [topic.name for topic in all_topics()]
    assert len(names) == len(set(names)) == 2 * len(SERVICES)
    for service, topic in TOPICS.items():
        assert (topic.name, topic.dead.name) == (f"mesh.{service}.v1", f"mesh.{service}.v1.dead")
        assert topic.dead.retention_ms >= topic.retention_ms
