"""A text that matches a regular expression of a JSON Schema: short, and always the same for the same choice."""

import random
from collections.abc import Callable, Mapping
from re import _constants as codes  # type: ignore[attr-defined]  # the only reading of patterns that cannot differ from `re`'s
from re import _parser as reading  # type: ignore[attr-defined]
from typing import Any, Final

_CATEGORIES: Final = {codes.CATEGORY_DIGIT: "0", codes.CATEGORY_WORD: "a", codes.CATEGORY_SPACE: " "}
_SINGLE: Final[Mapping[Any, Callable[[Any], str]]] = {codes.LITERAL: chr, codes.ANY: lambda _: "a"}
_REPEATS: Final = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ例 -_.:/"


def text_of(pattern: str, choice: random.Random) -> str:
    return "".join(_text(part, choice) for part in reading.parse(pattern))


def _text(part: Any, choice: random.Random) -> str:
    code, said = part
    if code in _SINGLE:
        return _SINGLE[code](said)
    if code is codes.IN:
        return _one_of(said, choice)
    if code in _REPEATS:
        least, most, repeated = said
        return "".join(_text(each, choice) for _ in range(least or min(1, int(most))) for each in repeated)
    if code is codes.SUBPATTERN:
        return "".join(_text(each, choice) for each in said[-1])
    return "".join(_text(each, choice) for each in choice.choice(said[1])) if code is codes.BRANCH else ""


def _one_of(said: Any, choice: random.Random) -> str:
    """A member of a set; of a negated one, or one with a negated class, the first of an alphabet that fits."""
    if said[0][0] is codes.NEGATE:
        return next(each for each in _ALPHABET if not any(_holds(member, each) for member in said[1:]))
    code, value = choice.choice(said)
    if code is codes.RANGE:
        return chr(choice.randint(*value))
    if code is codes.CATEGORY:
        return _CATEGORIES.get(value, "a")
    return chr(value)


def _holds(member: Any, character: str) -> bool:
    code, value = member
    if code is codes.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if code is codes.LITERAL:
        return bool(value == ord(character))
    kinds = {
        codes.CATEGORY_DIGIT: character.isdigit(),
        codes.CATEGORY_NOT_DIGIT: not character.isdigit(),
        codes.CATEGORY_WORD: character.isalnum() or character == "_",
        codes.CATEGORY_NOT_WORD: not (character.isalnum() or character == "_"),
        codes.CATEGORY_SPACE: character.isspace(),
        codes.CATEGORY_NOT_SPACE: not character.isspace(),
    }
    return kinds.get(value, False)
