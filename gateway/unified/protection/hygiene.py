"""What may come in at all: a canonical path, no header twice that must be single, a bounded body."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from contracts.headers import CHANNEL, INTERNAL_PREFIX, OPERATOR
from contracts.problems import common
from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Headers
from gateway.walk import Incoming

_SEGMENT: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
_PATH: Final = re.compile(f"/(?:{_SEGMENT}(?:/{_SEGMENT})*)?")
# Slashes, backslashes and controls in disguise, and letters, digits and marks that need none: behind the rooms they
# would be decoded and could lead to another resource than the one that was judged. Source: RFC 3986 section 6.2.2.2.
_DISGUISED: Final = re.compile(r"%(?:[01][0-9A-Fa-f]|7[fF]|2[fFdDeE]|5[cC]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])")
_DOTS: Final = re.compile(r"/\.\.?(?:/|$)")
_REMEMBERED: Final = 128
"""Paths up to so long are looked at once."""
_QUERY: Final = re.compile(r"[!-~]*")
_SINGLE: Final = frozenset(
    {
        "host",
        "content-length",
        "content-type",
        "authorization",
        "signature",
        "signature-input",
        "content-digest",
        CHANNEL,
        "dpop",
        "idempotency-key",
        OPERATOR,
    }
)

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
    # For who takes an answer for a page: it loads nothing, runs nothing and is in no frame. Pages state their own policy.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What every answer carries unless the service says otherwise. Source: OWASP REST Security Cheat Sheet."""
_STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def security_headers(public_url: str) -> Headers:
    """Those of every answer and, where the door is reached by https, that it must not be reached otherwise. Source: RFC 6797."""
    return (*SECURITY_HEADERS, _STRICT_TRANSPORT) if public_url.startswith("https:") else SECURITY_HEADERS


def _is_canonical(path: str) -> bool:
    return bool(_PATH.fullmatch(path)) and not _DISGUISED.search(path) and not _DOTS.search(path)


_is_known_canonical: Final = lru_cache(4096)(_is_canonical)


def check(incoming: Incoming, body_limit_bytes: int) -> Deny | None:
    """The hygiene of one request: a canonical path, no header twice that must be single, a bounded body."""
    path = incoming.path
    if not (_is_known_canonical(path) if len(path) <= _REMEMBERED else _is_canonical(path)):
        return Deny(problems.BAD_REQUEST_LINE, "canonical-path", "the path is not in canonical form")
    if incoming.query and not _QUERY.fullmatch(incoming.query):
        return Deny(problems.BAD_REQUEST_LINE, "canonical-query", "the query holds what must be percent-encoded")
    if not incoming.fields.is_single and (twice := _given_twice(incoming)):
        return Deny(problems.BAD_REQUEST_LINE, "single-headers", f"{min(twice)} is given twice")
    if incoming.fields.by_name.get("content-encoding", "identity").lower() != "identity":
        # No service decodes one, and what it unfolds to has no bound. Source: RFC 9110 section 15.5.16.
        return Deny(common.UNSUPPORTED_MEDIA_TYPE, "content-encoding", headers=(("accept-encoding", "identity"),))
    if incoming.length > body_limit_bytes:
        return Deny(common.BODY_TOO_LARGE, "body-limit")
    return None


def _given_twice(incoming: Incoming) -> list[str]:
    names = [name for name, _ in incoming.headers]
    return [name for name in _SINGLE if names.count(name) > 1]


def without_internal_headers(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers from outside without any that only the mesh may set, in both spellings.

    The officer's header stays for the users' room, which believes it only when it is signed.
    """
    return tuple((name, value) for name, value in headers if name == OPERATOR or not name.replace("_", "-").startswith(INTERNAL_PREFIX))
