"""The index of one process: entries by what they are called, how that is written and how it sounds. See ADR-0040."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from services.catalogue.domain.search.entries import Entry, Key, Narrowed
from services.catalogue.domain.search.synonyms import Reading, Synonyms
from services.catalogue.domain.search.texts import Spoken, abbreviated, first_letter, same_sound, sounded, spelled, spoken, units, written

How = Literal["name", "alias", "synonym", "sound", "pinyin", "initials"]

_LEAST: Final = 0.3
_BY_SOUND: Final = 0.9
_OF_ALIAS: Final = 0.97
_FEWEST_INITIALS: Final = 2
_FEWEST_LETTERS: Final = 3
_LEAST_SPELLED: Final = 0.6


@dataclass(frozen=True, slots=True)
class Title:
    """A name or alias of an entry."""

    key: Key
    text: str
    plain: str
    is_alias: bool
    spoken: Spoken
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry with how well it answers, from 0 to about 2, and by which of its names and why it was found."""

    entry: Entry
    score: float
    title: str
    how: How
    said: str | None = None


@dataclass(slots=True)
class _Best:
    """The best likeness of each title so far."""

    found: dict[int, tuple[float, How, str | None]] = field(default_factory=dict)

    def add(self, title: int, score: float, how: How, said: str | None = None) -> None:
        if score > self.found.get(title, (0.0,))[0]:
            self.found[title] = (score, how, said)


class Index:
    def __init__(self, synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._entries: dict[Key, Entry] = {}
        self._titles: dict[int, Title] = {}
        self._of: dict[Key, list[int]] = {}
        self._postings: dict[str, set[int]] = defaultdict(set)
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: Entry) -> None:
        """From now on it is found as it is now."""
        self.remove(entry.key)
        self._entries[entry.key] = entry
        for text in dict.fromkeys([entry.name, *entry.aliases]):
            of = units(text)
            sound = spoken(of)
            terms = (
                *written(of),
                *sounded(sound),
                *spelled(same_sound(sound.letters)),
                *abbreviated(sound.initials),
                first_letter(sound.letters),
            )
            title = Title(entry.key, text, "".join(of), text != entry.name, sound, terms)
            self._titles[self._next] = title
            self._of.setdefault(entry.key, []).append(self._next)
            for term in terms:
                self._postings[term].add(self._next)
            self._next += 1

    def remove(self, key: Key) -> None:
        self._entries.pop(key, None)
        for number in self._of.pop(key, []):
            for term in self._titles.pop(number).terms:
                self._postings[term].discard(number)

    def search(self, text: str, narrowed: Narrowed) -> list[Hit]:
        """What answers, the best first and always in the same order; everything that is asked for when there is no text."""
        if not text:
            everything = [Hit(each, 0.0, each.name, "name") for each in self._entries.values() if narrowed.allows(each)]
            return sorted(everything, key=_order)
        best = _Best()
        for reading in self._synonyms.readings(text):
            self._by_writing(reading, best)
        self._by_sound(text, best)
        self._by_letters(text, best)
        hits: dict[Key, Hit] = {}
        for number, (score, how, said) in best.found.items():
            title = self._titles[number]
            entry = self._entries[title.key]
            if score < _LEAST or not narrowed.allows(entry):
                continue
            known = hits.get(title.key)
            if known is None or (score, title.text) > (known.score, known.title):
                hits[title.key] = Hit(entry, score, title.text, _by_alias(how, title), said)
        return sorted(hits.values(), key=_order)

    def _by_writing(self, reading: Reading, best: _Best) -> None:
        """Titles that share characters and words with it."""
        of = units(reading.text)
        if not of:
            return
        plain = "".join(of)
        how: How = "synonym" if reading.said else "name"
        for number, likeness in self._alike(written(of)).items():
            title = self._titles[number]
            fits = _fits(plain, title.plain)
            best.add(
                number, reading.weight * _aliased(title, likeness * (0.8 + 0.2 * _ratio(plain, title.plain)) + fits), how, reading.said
            )

    def _by_sound(self, text: str, best: _Best) -> None:
        """Titles that sound like it, whatever its characters."""
        of = units(text)
        plain = "".join(of)
        for number, likeness in self._alike(sounded(spoken(of))).items():
            title = self._titles[number]
            best.add(number, _BY_SOUND * _aliased(title, likeness * (0.8 + 0.2 * _ratio(plain, title.plain))), "sound")

    def _alike(self, terms: Mapping[str, float]) -> dict[int, float]:
        """Titles that have enough of what was asked, and which part of it they have; rare terms weigh more."""
        alike: dict[int, float] = defaultdict(float)
        whole, count = 0.0, len(self._titles)
        for term, weight in terms.items():
            having = self._postings.get(term, ())
            value = weight * math.log(1 + count / (1 + len(having)))
            whole += value
            for number in having:
                alike[number] += value
        least = _LEAST * whole
        return {number: value / whole for number, value in alike.items() if value >= least}

    def _by_letters(self, text: str, best: _Best) -> None:
        """Titles whose pinyin or initials are these letters, or nearly."""
        asked = "".join(each for each in text.lower() if each.isascii() and each.isalnum())
        is_spelled = all(each.isalnum() or each in " '’" for each in text)
        if not is_spelled or not any(each.isalpha() for each in asked) or len(asked) < _FEWEST_INITIALS:
            return
        letters = spoken(units(text)).letters
        if asked == letters:
            self._by_initials(asked, best)
        heard = same_sound(letters)
        if len(heard) < _FEWEST_LETTERS:
            return
        wanted = spelled(heard)
        shared = Counter(number for term in wanted for number in self._postings.get(term, ()))
        for number, count in shared.items():
            if count < _LEAST_SPELLED * len(wanted):
                continue
            title = self._titles[number]
            at = title.spoken.letters.find(letters)
            score = count / len(wanted) * (0.7 + 0.2 * _ratio(heard, title.spoken.letters))
            fits = _fits(letters, title.spoken.letters) if at in title.spoken.starts else 0.0
            best.add(number, _aliased(title, score + fits), "pinyin")

    def _by_initials(self, asked: str, best: _Best) -> None:
        for number in self._having_all(abbreviated(asked)):
            title = self._titles[number]
            if asked in title.spoken.initials:
                fits = _fits(asked, title.spoken.initials) + 0.6 * _ratio(asked, title.spoken.initials)
                best.add(number, _aliased(title, 0.5 + fits), "initials")

    def _having_all(self, terms: Iterable[str]) -> set[int]:
        having = sorted((self._postings.get(term, set()) for term in terms), key=len)
        return having[0].intersection(*having[1:]) if having else set()

    def suggest(self, text: str, limit: int) -> list[Hit]:
        """Names that begin with this, in characters, pinyin or initials; names that contain it come after them.

        Where there are none, what a search finds.
        """
        plain = "".join(units(text))
        if not plain:
            return []
        best = _Best()
        # A name with the same beginning by sound has the same first letter; one that contains it has its first character.
        for number in self._postings.get(plain[0], set()) | self._postings.get(first_letter(plain), set()):
            title = self._titles[number]
            spellings: tuple[tuple[str, How], ...] = (
                (title.plain, "name"),
                (title.spoken.letters, "pinyin"),
                (title.spoken.initials, "initials"),
            )
            for spelling, how in spellings:
                at = spelling.find(plain)
                if at == 0 or (at > 0 and how == "name"):
                    best.add(number, (2.0 if at == 0 else 1.0) - 0.1 * (how != "name") - 0.2 * title.is_alias, how)
        hits: dict[Key, Hit] = {}
        for number, (score, how, _) in best.found.items():
            title = self._titles[number]
            hit = Hit(self._entries[title.key], score, title.text, _by_alias(how, title))
            if title.key not in hits or _order(hit) < _order(hits[title.key]):
                hits[title.key] = hit
        return (sorted(hits.values(), key=_order) or self.search(text, Narrowed()))[:limit]


def _order(hit: Hit) -> tuple[float, int, str, str]:
    """The best first, then the shorter name; the code decides, so that pages never overlap."""
    return (-round(hit.score, 6), len(hit.entry.name), hit.entry.code, hit.title)


def _fits(asked: str, title: str) -> float:
    """More for a title that is what was asked, begins with it, or has it somewhere."""
    if asked not in title:
        return 0.0
    if asked == title:
        return 0.6
    return 0.4 if title.startswith(asked) else 0.3


def _ratio(asked: str, title: str) -> float:
    shorter, longer = sorted((len(asked), len(title)))
    return shorter / longer if longer else 0.0


def _aliased(title: Title, score: float) -> float:
    return score * _OF_ALIAS if title.is_alias else score


def _by_alias(how: How, title: Title) -> How:
    return "alias" if how == "name" and title.is_alias else how
