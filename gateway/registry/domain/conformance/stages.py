"""The kit's side of a run as a pure machine: a request in, how it is met out. The gateway replays transcripts through it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from contracts import headers as names
from contracts.api.gateway import Exchange, Play
from gateway.registry.domain.conformance.scripts import RETRY_AFTER_S, SIGN_ONS, WRITES_NEEDED, Script, Secrets

CASE: Final = re.compile(r"/cases/([0-9A-Z]{45})/(dossier|acceptance|correction-requests|decision|files/[0-9a-f-]{36})")
RECEIPTS: Final = frozenset({"acceptance", "correction-requests"})
_ACTS: Final = RECEIPTS | {"decision"}
_PAGE: Final = 2
_BUSY_READ: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request decides how it is met. `body` is its SHA-256, `key` its Idempotency-Key, `officer` whom it names,
    `token` its access token, `form` what it says to the token endpoint."""

    at_ms: int
    method: str
    path: str
    query: str
    body: str
    key: str
    officer: str
    token: str = ""
    form: Mapping[str, str] = field(default_factory=dict)

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
            said.get("authorization", "").partition(" ")[2],
            exchange.form,
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


_MET: Final[Mapping[str, Met]] = {
    "lost": Met("lost", 0),
    "down": Met("down", 503, refusal="upstream-shed"),
    "refused": Met("refused", 422, refusal="invalid-request"),
    "answered": Met("answered", None),
}


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
        self._played: dict[str, Play] = {}
        self._shown: set[str] = set()
        self._owed: set[str] = set()
        self.cases: dict[str, Handled] = {each.number: Handled() for each in script.cases}
        twice = script.number_of("twice")
        early = [each.number for each in script.cases if each.role != "grown"]
        self.feed: list[tuple[str, str]] = [(number, "submitted") for number in (*early, twice, script.number_of("grown"))]

    @property
    def is_over(self) -> bool:
        late = [each for each in self.cases.values() if each.status in {"submitted", "correction"}]
        is_decided = any(each.status in {"granted", "refused"} for each in self.cases.values())
        return not late and is_decided and self._window.until_ms > 0 and not self._owed

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
        if not asked.is_write:
            return Met("answered", 200)
        return self._write(asked, found[1], found[2], handled) if found[2] in _ACTS else Met("answered", 405, refusal="method-not-allowed")

    def _feed(self, asked: Asked) -> Met:
        self._feed_reads += 1
        if self._feed_reads == _BUSY_READ:
            return self._window.opens(asked)
        numbers = [number for _, number, _ in self.page(after_of(asked.query))]
        new = tuple(number for number in dict.fromkeys(numbers) if number not in self._shown)
        self._shown.update(new)
        return Met("answered", 200, new)

    def _write(self, asked: Asked, number: str, act: str, handled: Handled) -> Met:
        self._owed.discard(asked.path)
        if handled.keys.get(act) == asked.key and asked.key:
            return Met("answered", 200)
        play = self._play_of(number) if act in RECEIPTS else "answered"
        if play == "down":
            return _MET["down"]
        if play == "refused":
            handled.status = "closed"
            return Met("refused", 409, refusal="case-not-awaiting-intake")
        if refusal := _refusal(asked, act, handled):
            return Met("answered", 409, refusal=refusal)
        self._apply(asked, number, act, handled)
        if play == "lost":
            self._owed.add(asked.path)
            return _MET["lost"]
        return Met("answered", 200)

    def _play_of(self, number: str) -> Play:
        """How a receipt is met: the first one for each plain case as the script goes on, every other one as it should be."""
        left = self._script.receipts[len(self._played) :]
        if not left or number in self._played or self._script.role_of(number) != "plain":
            return "answered"
        self._played[number] = left[0]
        return left[0]

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


class WritingStage:
    """For systems that are sent nothing: their first writes are met by the script, whatever they are."""

    def __init__(self, script: Script) -> None:
        self._plays = script.plays
        self._window = _Window()
        self._writes: set[tuple[str, str, str]] = set()
        self._owed: set[tuple[str, str, str]] = set()

    @property
    def is_over(self) -> bool:
        return len(self._writes) >= WRITES_NEEDED and not self._owed

    def meet(self, asked: Asked) -> Met:
        if self._window.holds(asked):
            return Met("busy", 429, refusal="rate-limited")
        if not asked.is_write:
            return Met("answered", None)
        write = (asked.method, asked.path, asked.body)
        self._owed.discard(write)
        if write in self._writes or len(self._writes) >= len(self._plays):
            return Met("answered", None)
        self._writes.add(write)
        play = self._plays[len(self._writes) - 1]
        if play in {"busy", "lost", "down"}:
            # Seen again, or not over.
            self._owed.add(write)
        return self._window.opens(asked) if play == "busy" else _MET[play]


class AppStage:
    """Three sign-ons, of which only the third may be believed, an access token that is called over, and then writes."""

    def __init__(self, script: Script) -> None:
        self._secrets = Secrets(script.seed)
        self._writing = WritingStage(script)
        self._sign_ons = 0
        self._is_refreshed = False

    @property
    def is_over(self) -> bool:
        return self._sign_ons >= SIGN_ONS and self._is_refreshed and self._writing.is_over

    @property
    def sign_ons(self) -> int:
        """How many have begun."""
        return self._sign_ons

    def meet(self, asked: Asked) -> Met:
        if asked.path == "/authorize":
            self._sign_ons += 1
            return Met("visited", 302)
        if asked.path == "/token":
            self._is_refreshed |= asked.form.get("grant_type") == "refresh_token"
            return Met("forged" if asked.form.get("code") == self._secrets.code(2) else "answered", 200)
        if asked.path in {"/jwks", "/.well-known/openid-configuration"}:
            return Met("answered", 200)
        if asked.token == self._secrets.access_token(SIGN_ONS):
            return Met("expired", 401, refusal="token-not-valid")
        return self._writing.meet(asked)


def stage_for(kind: str, script: Script) -> Stage:
    if kind == "app":
        return AppStage(script)
    return DistrictStage(script) if kind == "district" else WritingStage(script)
