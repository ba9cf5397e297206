"""The kit's side of a run as a pure machine: a request in, how it is met out. The gateway replays transcripts through it."""

import re
from dataclasses import dataclass, field
from typing import Final, Protocol

from contracts import headers as names
from contracts.api.gateway import Exchange, Play
from gateway.registry.domain.conformance.scripts import RETRY_AFTER_S, WRITES_NEEDED, Script

CASE: Final = re.compile(r"/cases/([0-9A-Z]{45})/(dossier|acceptance|correction-requests|decision|files/[0-9a-f-]{36})")
RECEIPTS: Final = frozenset({"acceptance", "correction-requests"})
_PAGE: Final = 2
_BUSY_READ: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request decides how it is met. `body` is its SHA-256, `key` its Idempotency-Key, `officer` whom it names."""

    at_ms: int
    method: str
    path: str
    query: str
    body: str
    key: str
    officer: str

    @classmethod
    def by(cls, exchange: Exchange) -> "Asked":
        said = exchange.headers
        return cls(
            exchange.at_ms,
            exchange.method,
            exchange.path,
            exchange.query,
            exchange.body_sha256,
            said.get(names.IDEMPOTENCY_KEY, ""),
            said.get(names.OPERATOR, ""),
        )

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Met:
    """`status` None: as the document of that route says. `shown` are case numbers that the answer tells of for the first time;
    `refusal` is the code of a problem."""

    play: Play
    status: int | None
    shown: tuple[str, ...] = ()
    refusal: str = ""


class Stage(Protocol):
    def meet(self, asked: Asked) -> Met:
        """How the next request is met; remembers it."""

    @property
    def is_over(self) -> bool:
        """Whether everything that the script holds has been shown."""


@dataclass
class _Window:
    """After a 429 nothing of the party passes until its time is over."""

    until_ms: int = 0

    def opens(self, asked: Asked) -> Met:
        self.until_ms = asked.at_ms + RETRY_AFTER_S * 1000
        return Met("busy", 429, refusal="rate-limited")

    def holds(self, asked: Asked) -> bool:
        return asked.at_ms < self.until_ms


@dataclass
class Handled:
    """How far a case of the kit has come. `keys` are those of the writes that took place, by act."""

    status: str = "submitted"
    accepted_by: str = ""
    was_corrected: bool = False
    keys: dict[str, str] = field(default_factory=dict)


class DistrictStage:
    """A feed of cases to accept, correct and decide."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._window = _Window()
        self._feed_reads = 0
        self._played: set[str] = set()
        self._shown: set[str] = set()
        self.cases: dict[str, Handled] = {each.number: Handled() for each in script.cases}
        twice = script.number_of("twice")
        early = [each.number for each in script.cases if each.role != "grown"]
        self.feed: list[tuple[str, str]] = [(number, "submitted") for number in (*early, twice, script.number_of("grown"))]

    @property
    def is_over(self) -> bool:
        late = [each for each in self.cases.values() if each.status in {"submitted", "correction"}]
        is_decided = any(each.status in {"granted", "refused"} for each in self.cases.values())
        return not late and is_decided and self._window.until_ms > 0

    def page(self, after: int) -> list[tuple[int, str, str]]:
        """(position, number, reason) of what comes next in the feed; what has grown has a page of its own."""
        rest = [(at, *entry) for at, entry in enumerate(self.feed, 1) if at > after]
        grown = next((index for index, each in enumerate(rest) if self._script.role_of(each[1]) == "grown"), len(rest))
        return rest[: min(_PAGE, grown) or 1]

    def meet(self, asked: Asked) -> Met:
        if self._window.holds(asked):
            return Met("busy", 429, refusal="rate-limited")
        if asked.method == "GET" and asked.path == "/dispatches":
            return self._feed(asked)
        found = CASE.fullmatch(asked.path)
        if found is None:
            return Met("answered", None)
        handled = self.cases.get(found[1])
        if handled is None:
            return Met("answered", 404, refusal="case-not-found")
        return self._write(asked, found[1], found[2], handled) if asked.is_write else Met("answered", 200)

    def _feed(self, asked: Asked) -> Met:
        self._feed_reads += 1
        if self._feed_reads == _BUSY_READ:
            return self._window.opens(asked)
        numbers = [number for _, number, _ in self.page(after_of(asked.query))]
        new = tuple(number for number in dict.fromkeys(numbers) if number not in self._shown)
        self._shown.update(new)
        return Met("answered", 200, new)

    def _write(self, asked: Asked, number: str, act: str, handled: Handled) -> Met:
        if handled.keys.get(act) == asked.key and asked.key:
            return Met("answered", 200)
        role = self._script.role_of(number)
        if act in RECEIPTS and role == "down" and role not in self._played:
            self._played.add(role)
            return Met("down", 503, refusal="upstream-shed")
        if act in RECEIPTS and role == "refused" and role not in self._played:
            self._played.add(role)
            handled.status = "closed"
            return Met("refused", 409, refusal="case-not-awaiting-intake")
        if refusal := _refusal(asked, act, handled):
            return Met("answered", 409, refusal=refusal)
        self._apply(asked, number, act, handled)
        if role == "lost" and role not in self._played:
            self._played.add(role)
            return Met("lost", 0)
        return Met("answered", 200)

    def _apply(self, asked: Asked, number: str, act: str, handled: Handled) -> None:
        handled.keys[act] = asked.key
        if act == "acceptance":
            handled.status, handled.accepted_by = "accepted", asked.officer
        elif act == "decision":
            handled.status = "granted"
        else:
            # The applicant of a case that does not exist answers at once.
            handled.was_corrected = True
            self.feed.append((number, "corrected"))


def _refusal(asked: Asked, act: str, handled: Handled) -> str:
    if act == "decision":
        if handled.status != "accepted":
            return "case-not-awaiting-decision"
        return "same-officer-may-not-decide" if asked.officer and asked.officer == handled.accepted_by else ""
    if handled.status != "submitted":
        return "case-not-awaiting-intake"
    return "correction-already-requested" if act == "correction-requests" and handled.was_corrected else ""


def after_of(query: str) -> int:
    """The position after which the feed is read, 0 for its beginning."""
    found = re.search(r"(?:^|&)after=([0-9]{1,9})", query)
    return int(found[1]) if found else 0


_MET: Final = {
    "lost": Met("lost", 0),
    "down": Met("down", 503, refusal="upstream-shed"),
    "refused": Met("refused", 422, refusal="invalid-request"),
    "answered": Met("answered", None),
}


class WritingStage:
    """For systems that are sent nothing: their first writes are met by the script, whatever they are."""

    def __init__(self, script: Script) -> None:
        self._plays = script.plays
        self._window = _Window()
        self._writes: set[tuple[str, str, str]] = set()
        self._met: set[str] = set()

    @property
    def is_over(self) -> bool:
        return len(self._writes) >= WRITES_NEEDED and self._met >= set(self._plays)

    def meet(self, asked: Asked) -> Met:
        if self._window.holds(asked):
            return Met("busy", 429, refusal="rate-limited")
        if not asked.is_write:
            return Met("answered", None)
        write = (asked.method, asked.path, asked.body)
        if write in self._writes or len(self._writes) >= len(self._plays):
            return Met("answered", None)
        self._writes.add(write)
        self._met.add(play := self._plays[len(self._writes) - 1])
        return self._window.opens(asked) if play == "busy" else _MET[play]


def stage_for(kind: str, script: Script) -> Stage:
    return DistrictStage(script) if kind == "district" else WritingStage(script)
