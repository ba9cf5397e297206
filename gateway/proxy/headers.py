"""Which headers pass, in either direction. Towards a service only what is listed; nothing from outside names a caller."""

from collections.abc import Iterable
from typing import Final

from gateway.fields import Fields

_TO_SERVICE: Final = frozenset(
    {
        "accept",
        "accept-language",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "last-event-id",
        "user-agent",
        "x-request-id",
    }
)
_TO_PROTOCOL: Final = _TO_SERVICE | {"authorization", "cookie", "dpop", "origin", "referer"}
_NEVER_BACK: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"transfer-encoding",
        b"te",
        b"trailer",
        b"upgrade",
        b"proxy-authenticate",
        b"content-length",
        b"server",
        b"date",
    }
)
_INTERNAL: Final = b"tongban-"


def to_service(fields: Fields, audience: str) -> tuple[tuple[bytes, bytes], ...]:
    is_protocol = audience == "protocol"
    passing = fields.passing.get(is_protocol)
    if passing is None:
        allowed = _TO_PROTOCOL if is_protocol else _TO_SERVICE
        passing = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.given if name in allowed)
        fields.passing[is_protocol] = passing
    return passing


def from_service(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What may leave: nothing internal, no headers of the connection and none that it names. Source: RFC 9110 section 7.6.1."""
    passing, named = [], b""
    for each in headers:
        name = each[0]
        if name in _NEVER_BACK:
            named = named + b"," + each[1] if name == b"connection" else named
        elif name[:8] != _INTERNAL:
            passing.append(each)
    if named:
        its_own = {each.strip().lower() for each in named.split(b",")}
        passing = [each for each in passing if each[0] not in its_own]
    return passing
