"""What the transcript shows of retries, refusals, keys of writes and query strings, for systems of every kind."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote_plus

from contracts.api.gateway import Exchange
from contracts.headers import IDEMPOTENCY_KEY, OPERATOR
from contracts.values import ResidentId
from gateway.registry.domain.conformance.scripts import RETRY_AFTER_S

_KEY: Final = re.compile(r"[\x21-\x7e]{1,64}")
_WITH_KEYS: Final = frozenset({"POST", "PATCH"})
PROTOCOL: Final = frozenset({"/authorize", "/token", "/jwks", "/.well-known/openid-configuration"})
"""Where an app signs people on; what is said there has rules of its own."""
_IN_FLIGHT_MS: Final = 250
"""A request sent before the answer to another has arrived cannot know of it."""
_CLOCK_MS: Final = 50
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")


def found(exchanges: tuple[Exchange, ...]) -> dict[str, str]:
    checks = {
        "idempotency-key": _keys(exchanges),
        "retry-same-request": _retries(exchanges),
        "retry-after-429": _busy(exchanges),
        "retry-after-503": _down(exchanges),
        "refusal-final": _refusals(exchanges),
        "no-personal-query": _queries(exchanges),
    }
    return {name: reason for name, reason in ((name, next(reasons, None)) for name, reasons in checks.items()) if reason}


def is_write(exchange: Exchange) -> bool:
    return exchange.method not in {"GET", "HEAD", "OPTIONS"} and exchange.path not in PROTOCOL


def _key_of(exchange: Exchange) -> str:
    return exchange.headers.get(IDEMPOTENCY_KEY, "")


def _named(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"


def _keys(exchanges: Iterable[Exchange]) -> Iterator[str]:
    used: dict[str, tuple[str, str]] = {}
    for each in exchanges:
        if each.method not in _WITH_KEYS or not is_write(each):
            continue
        key, write = _key_of(each), (each.path, each.body_sha256)
        if not _KEY.fullmatch(key):
            yield f"{_named(each)}: no Idempotency-Key of 1 to 64 visible ASCII characters"
        elif used.setdefault(key, write)[0] != each.path:
            yield f"{_named(each)}: the key belongs to a write to another path"


def _retries(exchanges: tuple[Exchange, ...]) -> Iterator[str]:
    for at, first in enumerate(exchanges):
        if first.play not in {"lost", "down"}:
            continue
        later = [each for each in exchanges[at + 1 :] if (each.method, each.path) == (first.method, first.path)]
        same_key = [each for each in later if _key_of(each) == _key_of(first)]
        if any(each.body_sha256 == first.body_sha256 for each in same_key):
            continue
        if same_key:
            yield f"{_named(first)}: another body under the same key"
        elif any(each.body_sha256 == first.body_sha256 for each in later):
            yield f"{_named(first)}: sent again under another key"
        else:
            yield f"{_named(first)}: not sent again"
    if not any(each.play == "lost" for each in exchanges):
        yield "the run ended before an answer was lost"


def _busy(exchanges: tuple[Exchange, ...]) -> Iterator[str]:
    until, opened = 0, None
    for each in exchanges:
        if opened is not None and each.at_ms < until - _CLOCK_MS:
            is_same = (each.method, each.path, each.query, each.body_sha256) == opened
            if is_same or each.at_ms > until - RETRY_AFTER_S * 1000 + _IN_FLIGHT_MS:
                yield f"{_named(each)}: {until - each.at_ms} ms before Retry-After was over"
        elif each.play == "busy":
            until, opened = each.at_ms + RETRY_AFTER_S * 1000, (each.method, each.path, each.query, each.body_sha256)
    if opened is None:
        yield "the run ended before a 429 was met"


def _down(exchanges: tuple[Exchange, ...]) -> Iterator[str]:
    downs = [(at, each) for at, each in enumerate(exchanges) if each.play == "down"]
    for at, first in downs:
        again = [each for each in exchanges[at + 1 :] if _is_again(each, first)]
        if again and (early := first.at_ms + RETRY_AFTER_S * 1000 - again[0].at_ms) > _CLOCK_MS:
            yield f"{_named(first)}: sent again {early} ms before Retry-After was over"
    if not downs:
        yield "the run ended before a 503 was met"


def _is_again(each: Exchange, first: Exchange) -> bool:
    is_same_key = bool(_key_of(first)) and _key_of(each) == _key_of(first)
    return (each.method, each.path) == (first.method, first.path) and (each.body_sha256 == first.body_sha256 or is_same_key)


def _refusals(exchanges: tuple[Exchange, ...]) -> Iterator[str]:
    refused: set[tuple[str, str, str, str]] = set()
    for each in exchanges:
        if not is_write(each):
            continue
        request = (each.method, each.path, each.body_sha256, each.headers.get(OPERATOR, ""))
        if request in refused:
            yield f"{_named(each)}: sent again after it had been refused"
        if 400 <= each.status < 500 and each.play not in {"busy", "expired"}:
            refused.add(request)
    if not any(each.play == "refused" for each in exchanges):
        yield "the run ended before a refusal was met"


def _queries(exchanges: Iterable[Exchange]) -> Iterator[str]:
    for each in exchanges:
        query = unquote_plus(each.query)
        if any(ResidentId.read(number) for number in _NUMBER.findall(query)) or _PHONE.search(query):
            yield f"{_named(each)}: the query holds an identity or phone number"
