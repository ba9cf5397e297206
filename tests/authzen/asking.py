"""Asks a decision point what a module asks, and looks at the answer as the module does."""

from typing import Any

import httpx

from tests.authzen.asked import ASKED, Asked
from tests.authzen.plans import PLANS
from tests.authzen.point import Point


def try_out(point: Point, plan: str, module: str) -> None:
    """Raises AssertionError where the module would fail."""
    asked = ASKED[plan][module]
    answers = [_ask(point, plan, asked) for _ in range(asked.times)]
    for answer in answers:
        _check(answer, asked)
    assert all(answer.content == answers[0].content for answer in answers)
    if asked.results is not None and asked.status == 200:
        _check_results(point, plan, asked, answers[0].json())


def _ask(point: Point, plan: str, asked: Asked) -> httpx.Response:
    credentials = {"own": point.headers, "none": {}, "wrong": {"authorization": point.headers["authorization"][:-3] + "AAA"}}
    headers = {"content-type": asked.content_type, **credentials[asked.credentials]}
    if asked.request_id:
        headers["x-request-id"] = asked.request_id
    return point.client.request(asked.method, point.metadata[PLANS[plan].endpoint], content=asked.content(), headers=headers)


def _check(answer: httpx.Response, asked: Asked) -> None:
    assert answer.status_code == asked.status, answer.text
    if asked.status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert asked.status != 401 or answer.headers["www-authenticate"].startswith("Bearer")
        assert asked.status != 405 or answer.headers["allow"] == "POST"
        return
    assert answer.headers["content-type"] == "application/json"
    assert not asked.request_id or answer.headers["x-request-id"] == asked.request_id
    said = answer.json()
    if asked.decision is not None:
        assert said["decision"] is asked.decision, said
    if asked.decisions is not None:
        assert tuple(each["decision"] for each in said["evaluations"]) == asked.decisions, said
    if asked.count is not None:
        assert [type(each["decision"]) for each in said["evaluations"]] == [bool] * asked.count


def _check_results(point: Point, plan: str, asked: Asked, said: dict[str, Any]) -> None:
    found = list(said["results"])
    while said["page"]["next_token"]:
        assert asked.pages, "one page was enough"
        assert len(said["results"]) == asked.body["page"]["limit"]
        further = Asked({**asked.body, "page": {**asked.body["page"], "token": said["page"]["next_token"]}})
        said = _ask(point, plan, further).json()
        found += said["results"]
    names = [each["name"] if plan == "action-search" else each["id"] for each in found]
    assert len(names) == len(set(names))
    wanted = set(asked.results or ())
    assert set(names) == wanted if asked.only else set(names) >= wanted, names
    kind = asked.body[plan.partition("-")[0]]["type"] if plan != "action-search" else None
    assert {each.get("type") for each in found} <= {kind}
