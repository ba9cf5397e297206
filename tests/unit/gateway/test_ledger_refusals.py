"""Every refusal at the door is problem+json that names the first rule that failed, in both languages."""

import json
import re

import pytest

from contracts import problems
from contracts.problems import common, gateway
from gateway.decision import Deny, Room
from gateway.record import note
from gateway.reply import refused
from gateway.walk import Incoming
from tests.support.ledger_in_memory import BEGUN, decision

ALL = [each for each in (*vars(gateway).values(), *vars(common).values()) if isinstance(each, problems.ProblemType)]
"""Of the rooms and the control plane."""


@pytest.mark.parametrize("problem", ALL, ids=lambda each: each.code)
@pytest.mark.parametrize("room", Room)
def test_a_refusal_names_rule_and_room_in_both_languages(problem: problems.ProblemType, room: Room) -> None:
    for language in ("zh-CN,zh;q=0.9", "en"):
        made = decision(1, BEGUN)
        deny = note(made, room, Deny(problem, "some-rule"))
        incoming = Incoming("GET", "/", "", (("accept-language", language),), b"")
        answer = refused(deny, made, incoming)
        said = problems.Problem.model_validate_json(answer.body)
        extra = json.loads(answer.body)
        assert dict(answer.headers)[b"content-type"] == b"application/problem+json"
        assert (said.status, said.code, said.request_id) == (answer.status, problem.code, made.request_id)
        assert said.title == (said.titles.en if language == "en" else said.titles.zh)
        assert re.search(r"[\u4e00-\u9fff]", said.titles.zh)
        assert said.titles.en.isascii()
        assert (extra["rule"], extra["room"], extra["room_zh"]) == (made.rule, room.value, room.zh)
        assert re.fullmatch(r"[\u4e00-\u9fff]{4}", extra["room_zh"])
