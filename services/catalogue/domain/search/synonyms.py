"""What people say for what departments write."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_MOST: Final = 10
_BESIDE: Final = 0.97
_ALONE: Final = (0.2, 0.7)


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read what was asked, and how much of its likeness counts; `said` is the phrase that was replaced."""

    text: str
    weight: float
    said: str | None = None


class Synonyms:
    """Phrases of everyday speech with what they may stand for, and phrases that say nothing."""

    def __init__(self, means: Mapping[str, Sequence[str]], says_nothing: Iterable[str]) -> None:
        self._means = means
        self._says_nothing = frozenset(says_nothing)
        self._longest = max(map(len, [*means, *self._says_nothing]), default=0)

    def readings(self, text: str) -> list[Reading]:
        """The text itself, without what says nothing, and with phrases replaced by what they stand for.

        A phrase's meaning counts alone too: the more, the more of the text the phrase is.
        """
        parts = list(self._parts(text))
        plain = "".join(parts) or text
        said = list(dict.fromkeys(part for part in parts if part in self._means))
        readings = [Reading(text, 1.0), Reading(plain, 1.0)]
        if len(said) > 1:
            readings.append(Reading(self._together(parts), _BESIDE, "、".join(said)))
        for phrase in said:
            least, more = _ALONE
            alone = least + more * len(phrase) / len(plain)
            for meant in self._means[phrase]:
                readings += [Reading(plain.replace(phrase, meant), _BESIDE, phrase), Reading(meant, alone, phrase)]
        first: dict[str, Reading] = {}
        for reading in readings:
            first.setdefault(reading.text, reading)
        return list(first.values())[:_MOST]

    def _together(self, parts: Iterable[str]) -> str:
        """Every phrase replaced by what it stands for first; what several stand for is said once."""
        whole = ""
        for part in parts:
            meant = self._means.get(part, [part])[0]
            if meant not in whole:
                whole += meant
        return whole

    def _parts(self, text: str) -> Iterator[str]:
        """The text piece by piece without what says nothing, the longest phrase where several begin."""
        at = 0
        while at < len(text):
            piece = next((text[at : at + size] for size in range(self._longest, 0, -1) if self._is_known(text[at : at + size])), text[at])
            if piece not in self._says_nothing:
                yield piece
            at += len(piece)

    def _is_known(self, piece: str) -> bool:
        return piece in self._means or piece in self._says_nothing
