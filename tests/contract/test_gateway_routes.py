"""What the gateway registers is what the services declare, and somebody may use it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest

from chassis.http import Audience
from contracts.permissions import Permission
from contracts.topics import SERVICES
from contracts.values import Assurance, Grade
from gateway.policies import Facts, Policies
from gateway.registry.api_document import documents, operations
from gateway.registry.bootstrap import policy_files
from tests.architecture.house_rules import ROOT

_SEED: Final = ROOT / "gateway" / "registry" / "seed"
POLICIES: Final = Policies(1, policy_files())
_KINDS: Final = ("portal", "app", "district", "department", "operator")


def granted(kind: str) -> frozenset[str]:
    """What parties of a kind may do where no level or officer is demanded, by all their officers' duties together."""
    duties = ("audit", "security", "system") if kind == "operator" else ("head",)
    asked = [Facts(kind=kind, permission=permission, route="GET /", audience="party", duties=duties) for permission in Permission]
    return frozenset(facts.permission for facts in asked if POLICIES.judge(facts).is_granted)


GRANTED: Final[dict[str, frozenset[str]]] = {kind: granted(kind) for kind in _KINDS}
# Which kinds of parties come as callers of a route: only an app brings persons, and officers come from agencies; without a party it is the portal that calls.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "open": ("portal",),
    "protocol": ("portal",),
    "party": ("app", "district", "department", "operator"),
    "person": ("app",),
    "subject": ("app",),
    "operator": ("operator", "district", "department"),
}


def declared() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(service, method, path, operation) of every committed operation, internal ones too."""
    for service, document in documents().items():
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                yield service, method.upper(), path, operation


def public() -> list[tuple[str, str, dict[str, Any]]]:
    return [each for document in documents().values() for each in operations(document)]


def test_every_service_has_committed_its_document() -> None:
    assert documents().keys() == set(SERVICES)


def test_every_operation_says_who_may_call_it() -> None:
    for service, method, path, operation in declared():
        guard = operation.get("x-tongban")
        assert guard, f"{service}: {method} {path} has no guard"
        audience = Audience(guard["audience"])
        assert guard["assurance"] in {0, *Assurance}, path
        assert guard["grade"] in set(Grade), path
        if audience is Audience.INTERNAL:
            assert guard["permission"] is None
            assert guard["services"], path
            assert set(guard["services"]) <= set(SERVICES) - {service}, path
        else:
            assert Permission(guard["permission"]), path
            assert (guard["assurance"] > 0) <= (audience in {Audience.PERSON, Audience.SUBJECT}), path


def test_no_two_services_register_the_same_operation() -> None:
    # Parameters have other names in other services; a route table tells paths apart by what is fixed in them.
    shapes = Counter((method, "/".join("{}" if part.startswith("{") else part for part in path.split("/"))) for method, path, _ in public())
    assert [shape for shape, times in shapes.items() if times > 1] == []


def test_every_kind_with_a_channel_may_do_something() -> None:
    assert set(_KINDS) == {kind for channel in json.loads((_SEED / "channels.json").read_text()) for kind in channel["usual_for"]}
    assert [kind for kind in _KINDS if not GRANTED[kind]] == []


def test_every_public_operation_may_be_used_by_somebody() -> None:
    unusable = [
        f"{method} {path}"
        for method, path, operation in public()
        if not any(operation["x-tongban"]["permission"] in GRANTED[kind] for kind in KINDS[operation["x-tongban"]["audience"]])
    ]
    assert unusable == []


@pytest.mark.parametrize("kind", GRANTED)
def test_every_granted_permission_opens_something(kind: str) -> None:
    open_to = {each["x-tongban"]["permission"] for _, _, each in public() if kind in KINDS[each["x-tongban"]["audience"]]}
    assert GRANTED[kind] - open_to == set()


def test_every_permission_is_needed_by_something() -> None:
    assert {each.value for each in Permission} == {each["x-tongban"]["permission"] for _, _, each in public()}
