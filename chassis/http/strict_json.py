"""One strict JSON parser for everything that arrives: what other parsers disagree about is refused.

Source: RFC 8259; RFC 7493 (I-JSON).
"""

import json
import re
from typing import Any, Final

from chassis.errors import MalformedBody

DEPTH_LIMIT: Final = 32
_INTEGER_DIGITS: Final = 19
_BRACKET_OR_STRING: Final = re.compile(rb'[\[\]{}]|"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


def parse(body: bytes) -> Any:
    """The value of a UTF-8 JSON text.

    Raises: MalformedBody for a byte order mark, other encodings, duplicate names, NaN and infinities, numbers beyond
    64 bits, lone surrogates, and nesting deeper than 32.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedBody("the body is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise MalformedBody("the body starts with a byte order mark")
    _check_depth(body)
    try:
        return _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedBody(f"{error.msg} at character {error.pos}") from None


def _check_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEPTH_LIMIT:
        return
    depth = 0
    for found in _BRACKET_OR_STRING.finditer(body):
        if found[0] in {b"[", b"{"}:
            depth += 1
        elif found[0] in {b"]", b"}"}:
            depth -= 1
        if depth > DEPTH_LIMIT:
            raise MalformedBody(f"the body nests deeper than {DEPTH_LIMIT}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedBody("the body names a member twice")
    for value in (*members, *members.values()):
        _check_text(value)
    return members


def _check_text(value: Any) -> None:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise MalformedBody("the body holds half of a surrogate pair") from None
    elif isinstance(value, list):
        for each in value:
            _check_text(each)


def _constant(name: str) -> None:
    raise MalformedBody(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > _INTEGER_DIGITS or not -(2**63) <= (number := int(digits)) < 2**63:
        raise MalformedBody("an integer does not fit 64 bits")
    return number


def _decimal(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise MalformedBody("a number is too large")
    return number


_decoder: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_decimal)
