"""The test set of search: what people ask, what they expect, and which share of them is served."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contracts.api.catalogue import Matter
from deploy.local import seed
from services.catalogue.domain.search.entries import Entry
from services.catalogue.repository.search import entry_of

QUERIES: Final = Path(__file__).parents[1] / "search" / "queries.json"
GROUPS: Final = ("wrong-character", "pinyin", "initials", "colloquial")
FIRST: Final = 3
_PACKAGE: Final = "一件事"


@dataclass(frozen=True, slots=True)
class Query:
    """`expects` names what should be among the first three: any one of them. What is held out is never looked at in tuning."""

    query: str
    group: str
    expects: tuple[str, ...]
    held_out: bool

    def is_served(self, names: Sequence[str]) -> bool:
        return any(_plain(each) in map(_plain, self.expects) for each in names[:FIRST])


def queries() -> list[Query]:
    return [Query(**{**each, "expects": tuple(each["expects"])}) for each in json.loads(QUERIES.read_text())]


def seed_entries() -> list[Entry]:
    return [entry_of(Matter.model_validate_json(json.dumps(each))) for each in seed.document()["matters"]]


def missing(names: Iterable[str]) -> list[Entry]:
    """What the queries expect and nobody is called, as bare names: packages and matters that other documents bring."""
    known = set(map(_plain, names))
    wanted = sorted({each for query in queries() for each in query.expects if _plain(each) not in known})
    return [Entry("package" if each.endswith(_PACKAGE) else "matter", f"expected-{at}", each) for at, each in enumerate(wanted)]


def shares(served: Mapping[str, bool]) -> dict[str, float]:
    """Query → whether it was served, as shares of all, of those held out, of the others and of each group."""
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for query in queries():
        for group in ("all", "held_out" if query.held_out else "tuned", query.group):
            asked[group] += 1
            found[group] += served[query.query]
    return {group: found[group] / count for group, count in asked.items()}


def _plain(name: str) -> str:
    return name.removesuffix(_PACKAGE)


def said_in(synonyms: Mapping[str, Any]) -> set[str]:
    """Every phrase that the synonym file explains or leaves out."""
    return {*synonyms["means"], *synonyms["says_nothing"]}
