import importlib
import pkgutil

import pytest

from contracts import problems
from contracts.permissions import Permission
from contracts.problems import ProblemType, body, preferred_language, register
from contracts.problems.common import NOT_FOUND


def test_every_problem_speaks_both_languages_under_a_stable_code() -> None:
    for module in pkgutil.iter_modules(problems.__path__):
        importlib.import_module(f"contracts.problems.{module.name}")
    assert len(problems.REGISTRY) > 12
    for code, problem in problems.REGISTRY.items():
        assert code == problem.code == code.lower()
        assert 400 <= problem.status <= 599
        assert any("\u4e00" <= character <= "\u9fff" for character in problem.zh), code
        assert problem.en.isascii(), code


def test_two_problems_never_share_a_code() -> None:
    with pytest.raises(ValueError, match="not-found"):
        register(ProblemType("not-found", 410, "另一个", "Another"))


def test_the_title_is_in_the_readers_language_and_both_are_there() -> None:
    assert body(NOT_FOUND, language="en")["title"] == NOT_FOUND.en
    assert body(NOT_FOUND, detail="d", request_id="r", room="access") == {
        "type": "/problems/not-found",
        "title": NOT_FOUND.zh,
        "titles": {"zh": NOT_FOUND.zh, "en": NOT_FOUND.en},
        "status": 404,
        "code": "not-found",
        "detail": "d",
        "request_id": "r",
        "room": "access",
    }


@pytest.mark.parametrize(("header", "language"), [("", "zh"), ("en-GB,zh;q=0.5", "en"), ("zh-CN,en", "zh"), ("fr", "zh")])
def test_the_language_follows_the_readers_first_choice(header: str, language: str) -> None:
    assert preferred_language(header) == language


def test_permissions_are_in_alphabetical_order() -> None:
    names = [permission.name for permission in Permission]
    assert names == sorted(names)
    for permission in Permission:
        assert permission.value.replace(":", "_").replace("-", "_").upper() == permission.name
