from datetime import datetime
from enum import StrEnum

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.strict import Agreed, Choice, Count, Day, Instant, Line, Model, Paragraph


class Colour(StrEnum):
    RED = "red"


class Form(Model):
    line: Line = "a"
    text: Paragraph = "a"
    count: Count = 0
    at: Instant | None = None
    on: Day | None = None
    colour: Choice[Colour] = Colour.RED


@pytest.mark.parametrize(
    "body",
    [
        {"line": "a\nb"},
        {"line": ""},
        {"line": "a" * 201},
        {"line": "a\x00"},
        {"text": "a\x07"},
        {"line": "\ud800"},
        {"line": "a\u202eb"},
        {"line": "a\u200bb"},
        {"line": 5},
        {"count": True},
        {"count": 1.0},
        {"count": "1"},
        {"count": -1},
        {"count": 2**31},
        {"at": 5},
        {"at": "2026-01-01T00:00:00"},
        {"on": 20260101},
        {"colour": "blue"},
        {"unknown": 1},
    ],
)
def test_what_is_not_exactly_right_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Form.model_validate(body)


def test_right_input_is_normalised() -> None:
    form = Form.model_validate(
        {"line": "e\u0301", "text": "一\n二", "count": 3, "at": "2026-01-01T08:00:00+08:00", "on": "2026-01-01", "colour": "red"}
    )
    assert form.line == "é"
    assert form.at == datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    assert (form.count, str(form.on), form.colour) == (3, "2026-01-01", Colour.RED)


@pytest.mark.parametrize("wrong", [1, 1.0, "true", "True", False, None, []])
def test_only_true_is_agreement(wrong: object) -> None:
    adapter = TypeAdapter(Agreed)
    assert adapter.validate_python(True) is True
    with pytest.raises(ValidationError):
        adapter.validate_python(wrong)
