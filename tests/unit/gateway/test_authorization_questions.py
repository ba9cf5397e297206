"""The decision point's questions about what the gateway itself protects: parties, the people they call for, and routes."""

from typing import Any

import pytest

from contracts.api.gateway import authzen
from contracts.values import PartyId
from gateway.policies import NOBODY, Policies
from gateway.registry.bootstrap import policy_files
from gateway.registry.domain.evaluation import REGISTERED, EvaluationIsNotReadable, World
from gateway.registry.queries import evaluation as queries
from gateway.snapshot import Snapshot
from tests.unit.gateway.city import APP, CONSOLE, DISTRICT, SUSPENDED, City, snapshot
from tests.unit.gateway.test_authorization import with_policies


@pytest.fixture
def known() -> Snapshot:
    return with_policies(snapshot(), Policies(3, policy_files()))


def asked(subject: dict[str, Any], action: str, resource: str, **context: Any) -> authzen.Evaluation:
    return authzen.Evaluation.model_validate(
        {"subject": subject, "action": {"name": action}, "resource": {"type": "route", "id": resource}, "context": context}
    )


def party(key: str, **properties: Any) -> dict[str, Any]:
    return {"type": "party", "id": key, "properties": properties}


def person(**properties: Any) -> dict[str, Any]:
    return {"type": "person", "id": "anybody", "properties": properties}


@pytest.mark.parametrize(
    ("evaluation", "is_granted", "by"),
    [
        (asked(party(APP), "matter:read", "GET /matters"), True, ["app-backends"]),
        (asked(party(DISTRICT), "case:decide", "POST /cases/{number}/decision"), True, ["district-systems"]),
        (asked(party(DISTRICT), "case:decide", "POST /cases/31010120260001/decision"), True, ["district-systems"]),
        (asked(party(APP), "case:decide", "POST /cases/{number}/decision"), False, None),
        (asked(party(CONSOLE, officer=True), "party:read", "GET /parties"), False, None),
        (asked(party(CONSOLE, officer=True, duties=["audit"]), "party:read", "GET /parties"), True, ["any-duty"]),
        (asked(party(CONSOLE, duties=["system"]), "party:read", "GET /parties", officer=True), True, ["any-duty"]),
        (asked(party(CONSOLE), "party:read", "GET /parties"), False, ["officer-required"]),
        (asked(person(assurance=2), "case:read", "GET /cases/{number}"), True, ["app-backends"]),
        (asked(person(assurance=1), "case:read", "GET /cases/{number}"), False, ["assurance"]),
        (asked(person(), "case:read", "GET /cases/{number}"), False, ["assurance"]),
        (asked(person(assurance=4), "case:read", "GET /cases/{number}", party=DISTRICT), False, None),
        (asked(party(SUSPENDED), "matter:read", "GET /matters"), False, None),
        (asked(party(PartyId.new()), "matter:read", "GET /matters"), False, None),
        (asked(party(APP), "case:read", "GET /matters"), False, None),
        (asked(party(APP), "matter:read", "GET /nowhere"), False, None),
        (asked(party(APP), "matter:read", "GET /old-matters"), False, None),
        (asked({"type": "spaceship", "id": "x"}, "matter:read", "GET /matters"), False, None),
        (asked(person(assurance="high"), "case:read", "GET /cases/{number}"), False, None),
    ],
)
def test_a_question_is_decided_by_the_policies_that_requests_are(
    known: Snapshot, evaluation: authzen.Evaluation, is_granted: bool, by: list[str] | None
) -> None:
    said = queries.evaluated(World(known, APP), evaluation)
    assert (said.decision, said.context.get("policies"), said.context["policy_version"]) == (is_granted, by, 3)
    assert is_granted or set(said.context["reason_user"]) == {"zh-CN", "en"}


def test_nobody_makes_themself_another_kind_of_party_by_saying_so(known: Snapshot) -> None:
    said = asked(party(APP, kind="operator"), "party:read", "GET /parties", officer=True)
    assert not queries.evaluated(World(known, APP), said).decision


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [("GET", "/matters", "matter:read"), ("POST", "/matters", "matter:import"), ("GET", "/docs", "portal:read")],
)
async def test_the_decision_point_and_the_path_agree(city: City, known: Snapshot, method: str, path: str, permission: str) -> None:
    city.known = known
    answer = await city.call(method, path, city.bearer(APP, None))
    kind = party("portal") if path == "/docs" else party(APP)
    said = queries.evaluated(World(known, APP), asked(kind, permission, f"{method} {path}"))
    assert said.decision is (answer.status == 200)


async def test_searches_name_what_is_registered(known: Snapshot) -> None:
    world = World(known, APP)
    subjects = await queries.subjects(
        world,
        authzen.SubjectSearch.model_validate(
            {"subject": {"type": "party"}, "action": {"name": "matter:read"}, "resource": {"type": "route", "id": "GET /matters"}}
        ),
    )
    assert {each.id for each in subjects.results} == {APP, DISTRICT, NOBODY}
    routes = await queries.resources(
        world,
        authzen.ResourceSearch.model_validate(
            {"subject": {"type": "party", "id": DISTRICT}, "action": {"name": "case:decide"}, "resource": {"type": "route"}}
        ),
    )
    assert [each.id for each in routes.results] == ["POST /cases/{number}/decision"]
    readable = await queries.resources(
        world,
        authzen.ResourceSearch.model_validate(
            {"subject": {"type": "party", "id": APP}, "action": {"name": "matter:read"}, "resource": {"type": "route"}}
        ),
    )
    assert [each.id for each in readable.results] == ["GET /matters"]
    actions = await queries.actions(
        world,
        authzen.ActionSearch.model_validate({"subject": {"type": "party", "id": APP}, "resource": {"type": "route", "id": "GET /matters"}}),
    )
    assert [each.name for each in actions.results] == ["matter:read"]


async def test_a_page_goes_on_where_the_one_before_ended(known: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a page ended because enough was looked at, not because enough was found."""
    monkeypatch.setattr(queries, "_SCANNED", 1)
    world, found, token, pages = World(known, APP), [], "", 0
    while True:
        said = {"subject": {"type": "party"}, "action": {"name": "matter:read"}, "resource": {"type": "route", "id": "GET /matters"}}
        page = await queries.subjects(world, authzen.SubjectSearch.model_validate(said | {"page": {"token": token}}))
        found += [each.id for each in page.results]
        token, pages = page.page.next_token, pages + 1
        if not token:
            break
    assert (sorted(found), pages) == (sorted([APP, DISTRICT, NOBODY]), 4)


@pytest.mark.parametrize("token", ["!", "aGk", "gICA"])
async def test_a_token_that_is_none_of_ours_is_refused(known: Snapshot, token: str) -> None:
    said = {
        "subject": {"type": "party"},
        "action": {"name": "matter:read"},
        "resource": {"type": "route", "id": "GET /matters"},
        "page": {"token": token},
    }
    with pytest.raises(EvaluationIsNotReadable):
        await queries.subjects(World(known, APP), authzen.SubjectSearch.model_validate(said))


def test_every_registered_type_is_one_that_policies_know() -> None:
    schema = policy_files()["gateway.cedarschema"]
    assert [name for name in REGISTERED if f"entity {name}" not in schema] == []
