import pytest

from chassis.errors import Forbidden
from chassis.http.caller import Audience, Demand, guard
from chassis.http.mesh_token import CallerFacts
from contracts.permissions import Permission
from contracts.values import OfficerId, PersonId

READ = Permission.CASE_READ
PERSON = CallerFacts("gateway", person=PersonId.new(), assurance=2, permissions=frozenset({READ.value}))
PARTY = CallerFacts("gateway", permissions=frozenset({READ.value}))


def demand(audience: Audience, *, assurance: int = 0, services: frozenset[str] = frozenset()) -> Demand:
    return Demand(None if audience is Audience.INTERNAL else READ, audience, assurance, services)


@pytest.mark.parametrize(
    ("asked", "facts"),
    [
        (demand(Audience.PARTY), CallerFacts("gateway")),
        (demand(Audience.PARTY), CallerFacts("rating", permissions=frozenset({READ.value}))),
        (demand(Audience.PERSON), PARTY),
        (demand(Audience.PERSON, assurance=3), PERSON),
        (demand(Audience.OPERATOR), PARTY),
        (demand(Audience.INTERNAL, services=frozenset({"rating"})), CallerFacts("gateway")),
        (demand(Audience.INTERNAL, services=frozenset({"rating"})), CallerFacts("catalogue")),
    ],
)
def test_a_caller_who_lacks_what_is_asked_is_refused(asked: Demand, facts: CallerFacts) -> None:
    with pytest.raises(Forbidden):
        asked.check(facts)


@pytest.mark.parametrize(
    ("asked", "facts"),
    [
        (demand(Audience.PARTY), PARTY),
        (demand(Audience.PERSON, assurance=2), PERSON),
        (demand(Audience.OPERATOR), CallerFacts("gateway", officer=OfficerId("op-1"), permissions=frozenset({READ.value}))),
        (demand(Audience.INTERNAL, services=frozenset({"rating"})), CallerFacts("rating")),
    ],
)
def test_a_caller_who_has_what_is_asked_passes(asked: Demand, facts: CallerFacts) -> None:
    asked.check(facts)


def test_a_guard_is_the_routes_registration() -> None:
    registered = guard(READ, audience=Audience.PERSON, assurance=2)["openapi_extra"]["x-tongban"]
    assert (registered["permission"], registered["audience"], registered["assurance"]) == ("case:read", "person", 2)


@pytest.mark.parametrize("wrong", [{"audience": Audience.PARTY}, {"audience": Audience.INTERNAL}])
def test_a_guard_that_guards_nothing_cannot_be_written(wrong: dict[str, Audience]) -> None:
    with pytest.raises(TypeError):
        guard(**wrong)
