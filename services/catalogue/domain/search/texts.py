"""Text taken apart for search: characters, words and sounds. All of it is derived, so that nothing derived is stored."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import rjieba
from pypinyin import lazy_pinyin

from contracts.strict import clean_text

# Sounds that speakers of the south and typing fingers do not tell apart. In this order: the longer ending first.
_SAME_SOUND: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("v", "u"))
_PAIR: Final = 1.0
_WORD: Final = 0.6
_SINGLE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it sounds.

    `syllables` one for each unit, sounds that are often confused made the same; `letters` the pinyin run together, `starts` where
    its syllables begin, and `initials` their first letters.
    """

    syllables: tuple[str, ...]
    letters: str
    starts: frozenset[int]
    initials: str


def cleaned(text: str) -> str:
    """What somebody searches for, without the invisible characters that come along when text is pasted."""
    return "".join(character for character in text if _is_searchable(character)).strip()


def _is_searchable(character: str) -> bool:
    try:
        return bool(clean_text(character))
    except ValueError:
        return False


def units(text: str) -> tuple[str, ...]:
    """Each Chinese character alone, each run of Latin letters and digits whole, in small letters; the rest is left out."""
    return tuple(_units(text.lower()))


def _units(text: str) -> Iterator[str]:
    run = ""
    for character in text:
        if _is_latin(character):
            run += character
            continue
        if run:
            yield run
            run = ""
        if unicodedata.category(character) == "Lo":
            yield character
    if run:
        yield run


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def written(of: tuple[str, ...]) -> dict[str, float]:
    """The written terms of a text and their weights: characters, their pairs, and the words that a dictionary sees in it."""
    terms = dict.fromkeys(of, _SINGLE if len(of) > 1 else _PAIR)
    terms |= {first + second: _PAIR for first, second in pairwise(of)}
    # A word of two characters is a pair already: it counts more than a pair that runs across two words.
    terms |= {f"w:{word}": _WORD for word in words("".join(of)) if len(word) > 1}
    return terms


@lru_cache(4096)
def words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rjieba.cut_for_search(text)))


def sounded(spoken: Spoken) -> dict[str, float]:
    """The terms of a text by its sound: a wrong character that sounds the same has the same terms."""
    terms = {f"s:{each}": _SINGLE if len(spoken.syllables) > 1 else _PAIR for each in spoken.syllables}
    return terms | {f"s:{first} {second}": _PAIR for first, second in pairwise(spoken.syllables)}


def spoken(of: tuple[str, ...]) -> Spoken:
    said = [each if each.isascii() else _pinyin(index, of) for index, each in enumerate(of)]
    starts, length = set(), 0
    for each in said:
        starts.add(length)
        length += len(each)
    initials = "".join(each if each.isdigit() else each[:1] for each in said)
    return Spoken(tuple(same_sound(each) for each in said), "".join(said), frozenset(starts), initials)


def _pinyin(at: int, of: tuple[str, ...]) -> str:
    """In its context, because some characters have several readings: 银行, 行驶."""
    return _readings("".join(each if not each.isascii() else " " for each in of))[at]


@lru_cache(1024)
def _readings(text: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(text, errors=_unread))


def _unread(characters: str) -> Any:
    """What has no reading keeps its place. The library takes a list too, but its types do not say so."""
    return ["?"] * len(characters)


def same_sound(letters: str) -> str:
    for said, heard in _SAME_SOUND:
        letters = letters.replace(said, heard)
    return letters


def spelled(letters: str) -> frozenset[str]:
    """The terms of pinyin: overlapping runs of three letters, which two spellings of nearly the same sound share."""
    padded = f"^{letters}"
    return frozenset(f"t:{padded[at : at + 3]}" for at in range(max(1, len(padded) - 2)))


def abbreviated(initials: str) -> frozenset[str]:
    """The terms of initials: their pairs."""
    return frozenset(f"i:{first}{second}" for first, second in pairwise(initials))


def first_letter(letters: str) -> str:
    return f"b:{letters[:1]}"
