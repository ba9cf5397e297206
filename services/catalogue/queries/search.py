"""Searching, by an index in the memory of each process that knows what is committed. Source: ADR-0040."""

import asyncio
import functools
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from chassis.database import Database
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import CreditCode, DivisionCode, TaskCode
from services.catalogue.domain.search.entries import Entry, Key, Narrowed, Place
from services.catalogue.domain.search.index import Hit, Index
from services.catalogue.domain.search.synonyms import Synonyms
from services.catalogue.domain.search.texts import cleaned
from services.catalogue.repository.search import changes

V = TypeVar("V", bound=str)

_PAGE: Final = 20
_SUGGESTED: Final = 10
_AT_A_TIME: Final = 50
_SYNONYMS: Final = Path(__file__).parents[1] / "seed" / "synonyms.json"


@functools.cache
def synonyms() -> Synonyms:
    said = json.loads(_SYNONYMS.read_text())
    return Synonyms(said["means"], said["says_nothing"])


class Finder:
    """The index of this process. What was committed more than `fresh_for_s` seconds before a search is in its answer."""

    def __init__(self, database: Database, fresh_for_s: float) -> None:
        self._database = database
        self._fresh_for_s = fresh_for_s
        self._index = Index(synonyms())
        self._agencies: dict[str, str] = {}
        self._seen: dict[Key, int] = {}
        self._unreadable: set[Key] = set()
        self._since = 0
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    @property
    def unreadable(self) -> int:
        """How many entries are not found, because they cannot be read."""
        return len(self._unreadable)

    async def search(self, text: str, narrowed: Narrowed) -> list[Hit]:
        """All that answers, the best first. Words of which nothing can be searched for find nothing. Raises Unavailable."""
        await self._catch_up()
        wanted = cleaned(text)
        return [] if text.strip() and not wanted else self._index.search(wanted, narrowed)

    async def suggest(self, text: str) -> list[api.Suggestion]:
        """What somebody may be about to type. Raises Unavailable."""
        await self._catch_up()
        hits = self._index.suggest(cleaned(text), _SUGGESTED)
        return [api.Suggestion(text=each.title, name=each.entry.name, kind=each.entry.kind, code=each.entry.code) for each in hits]

    def agency_name(self, task_code: str) -> str:
        return self._agencies.get(task_code[:18], "")

    async def _catch_up(self) -> None:
        asked_at = time.monotonic()
        if asked_at - self._looked_at <= self._fresh_for_s:
            return
        async with self._looking:
            # Whoever waited here is answered by a look that began after it asked.
            if self._looked_at >= asked_at:
                return
            looked_at = time.monotonic()
            await self._look()
            self._looked_at = looked_at

    async def _look(self) -> None:
        async with self._database.reading() as session:
            found, since = await changes(session, self._since)
        for number, change in enumerate(found):
            if self._seen.get(change.key) == change.changed:
                continue
            if isinstance(change.now, Entry):
                self._index.put(change.now)
            elif change.now is None:
                self._index.remove(change.key)
            else:
                self._agencies[change.key[1]] = change.now
            self._seen[change.key] = change.changed
            if change.is_readable:
                self._unreadable.discard(change.key)
            else:
                self._unreadable.add(change.key)
            if number % _AT_A_TIME == 0:
                # Others are answered while much is taken in.
                await asyncio.sleep(0)
        self._since = since


async def matters(finder: Finder, text: str, narrowed: Narrowed, *, offset: int, one_each: bool) -> Page[api.Found]:
    """Implementations of matters, or of each matter the nearest one."""
    hits = await finder.search(text, narrowed)
    rows = list(islice(_implementations(hits, narrowed, one_each=one_each), offset, offset + _PAGE + 1))
    items = [_found(finder, hit, place) for hit, place in rows[:_PAGE]]
    return Page(items=items, next=str(offset + _PAGE) if len(rows) > _PAGE else None)


async def anything(finder: Finder, text: str, narrowed: Narrowed, *, offset: int, with_facets: bool) -> api.Matches:
    """Matters, packages and guides: a matter that nobody implements for whoever asks is not found."""
    hits = [each for each in await finder.search(text, narrowed) if narrowed.serves(each.entry)]
    items = [_match(finder, each, narrowed, is_asked=bool(text)) for each in hits[offset : offset + _PAGE]]
    return api.Matches(
        items=items,
        total=len(hits),
        next=str(offset + _PAGE) if len(hits) > offset + _PAGE else None,
        facets=_facets([each.entry for each in hits]) if with_facets else None,
    )


def _implementations(hits: Iterable[Hit], narrowed: Narrowed, *, one_each: bool) -> Iterator[tuple[Hit, Place]]:
    for hit in hits:
        for place in narrowed.places(hit.entry)[: 1 if one_each else None]:
            yield hit, place


def _known(kind: type[V], text: str) -> V:
    """A code that was checked when it was published. To check it again for every answer takes longer than the search."""
    return str.__new__(kind, text)


def _found(finder: Finder, hit: Hit, place: Place) -> api.Found:
    entry = hit.entry
    return api.Found.model_construct(
        task_code=_known(TaskCode, place.task_code),
        name=entry.name,
        agency=_known(CreditCode, place.task_code[:18]),
        agency_name=finder.agency_name(place.task_code),
        division=_known(DivisionCode, place.division),
        is_immediate=entry.is_immediate,
        visits=entry.visits,
        promised_working_days=place.promised,
        is_haoban=entry.is_haoban,
        is_kuaiban=entry.is_kuaiban,
        illustrative=entry.illustrative,
    )


def _match(finder: Finder, hit: Hit, narrowed: Narrowed, *, is_asked: bool) -> api.Match:
    entry = hit.entry
    place = next(iter(narrowed.places(entry)), None)
    return api.Match.model_construct(
        kind=entry.kind,
        code=entry.code,
        name=entry.name,
        task_code=_known(TaskCode, place.task_code) if place else None,
        agency=_known(CreditCode, place.task_code[:18]) if place else None,
        agency_name=finder.agency_name(place.task_code) if place else None,
        division=_known(DivisionCode, place.division) if place else None,
        level=place.level if place else None,
        is_immediate=entry.is_immediate,
        visits=entry.visits,
        promised_working_days=place.promised if place else None,
        illustrative=entry.illustrative,
        why=api.Why.model_construct(by=hit.how, title=hit.title, said=hit.said) if is_asked else None,
    )


def _facets(entries: list[Entry]) -> api.Facets:
    return api.Facets(
        kind=_counted(each.kind for each in entries),
        theme=_counted(theme for each in entries for theme in each.themes),
        channel=_counted(channel for each in entries for channel in each.channels),
        served=_counted(served for each in entries for served in each.served),
    )


def _counted(values: Iterable[str]) -> list[api.Facet]:
    counted = sorted(Counter(values).items(), key=lambda each: (-each[1], each[0]))
    return [api.Facet(value=value, count=count) for value, count in counted]
