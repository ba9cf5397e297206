import json

import pytest

from chassis.errors import MalformedBody
from chassis.http.strict_json import DEPTH_LIMIT, parse


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b"\xff\xfe",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":123456789012345678901234567890}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":9223372036854775808}',
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":["\\ud800"]}',
        b"[" * 33 + b"]" * 33,
        b"[" * 100_000,
        b'{"a":"\x00"}',
        b"{} {}",
    ],
)
def test_what_parsers_disagree_about_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse(body)


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 1.5, 2**63 - 1, -(2**63), "文字 😀", [], {}, {"a": [{"b": "[[[[" * 20}, '"\\{'] * 20}]
)
def test_right_json_is_read_as_written(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


def test_the_depth_limit_itself_is_allowed() -> None:
    assert parse(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT)
