"""One test for each module of the five plans, named as the suite names it."""

import pytest

from tests.authzen.asked import ASKED
from tests.authzen.asking import try_out
from tests.authzen.plans import PLANS
from tests.authzen.point import Point

_MODULES = [pytest.param(plan, module, id=f"{plan}-{module}") for plan, said in PLANS.items() for module in said.modules]


@pytest.mark.parametrize(("plan", "module"), _MODULES)
def test_module(point: Point, plan: str, module: str) -> None:
    try_out(point, plan, module)


@pytest.mark.parametrize("plan", PLANS)
def test_every_question_is_that_of_a_module(plan: str) -> None:
    assert ASKED[plan].keys() - {"unknown-top-level-fields-ignored"} <= set(PLANS[plan].modules)


@pytest.mark.parametrize("plan", PLANS)
def test_a_refusal_carries_the_number_of_its_request_as_well(point: Point, plan: str) -> None:
    headers = {**point.headers, "content-type": "application/json", "x-request-id": "of-the-asker"}
    answer = point.client.post(point.metadata[PLANS[plan].endpoint], content=b"[]", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "evaluation-not-readable")
    assert answer.headers["x-request-id"] == "of-the-asker"


def test_the_metadata_names_every_endpoint_under_the_decision_point(point: Point) -> None:
    assert point.metadata["policy_decision_point"] == point.base
    assert {point.metadata[plan.endpoint].removeprefix(point.base) for plan in PLANS.values()} == {
        "/access/v1/evaluation",
        "/access/v1/evaluations",
        "/access/v1/search/subject",
        "/access/v1/search/resource",
        "/access/v1/search/action",
    }


@pytest.mark.parametrize("said", [b'{"a": 1, "a": 2}', b"\xff", b"1e999", b"[" * 100, b'{"subject": {"type": "user", "id": "\\ud800"}}'])
@pytest.mark.parametrize("plan", PLANS)
def test_what_parsers_disagree_about_is_refused(point: Point, plan: str, said: bytes) -> None:
    headers = {**point.headers, "content-type": "application/json"}
    assert point.client.post(point.metadata[PLANS[plan].endpoint], content=said, headers=headers).status_code == 400


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, 1.5, "1", True])
def test_a_limit_that_is_none_is_refused_and_a_large_one_is_the_largest(point: Point, number: object) -> None:
    asked = {"subject": {"type": "user"}, "action": {"name": "read"}, "resource": {"type": "record", "id": "record-1"}}
    answer = point.client.post("/access/v1/search/subject", json=asked | {"page": {"limit": number}}, headers=point.headers)
    assert answer.status_code == (200 if number == 2**63 - 1 else 400)


def test_odd_properties_never_break_a_decision(point: Point) -> None:
    """Also those that mean something to the engine behind."""
    odd = {"status": {"__entity": {"type": "Party", "id": "x"}}, "__extn": {"fn": "ip", "arg": "x"}, "deep": [[{"a": None}]], "": 1}
    asked = {
        "subject": {"type": "user", "id": "alice", "properties": odd},
        "action": {"name": "write", "properties": odd},
        "resource": {"type": "record", "id": "record-1", "properties": odd},
        "context": odd,
    }
    answer = point.client.post("/access/v1/evaluation", json=asked, headers=point.headers)
    assert (answer.status_code, type(answer.json()["decision"])) == (200, bool)


@pytest.mark.parametrize("name", ['a" || true', 'Party::"x"', "\n", "会", "x" * 500])
def test_names_are_never_read_as_policies(point: Point, name: str) -> None:
    for changed in ({"subject": {"type": "user", "id": name}}, {"action": {"name": name}}, {"resource": {"type": name, "id": name}}):
        asked = {"subject": {"type": "user", "id": "alice"}, "action": {"name": "read"}, "resource": {"type": "record", "id": "record-1"}}
        answer = point.client.post("/access/v1/evaluation", json=asked | changed, headers=point.headers)
        assert (answer.status_code, answer.json()["decision"]) == (200, False)
