"""Which headers pass, in either direction. Towards a service only what is listed; nothing from outside names a caller."""

from collections.abc import Iterable
from typing import Final

_TO_SERVICE: Final = frozenset(
    {"accept", "accept-language", "content-type", "idempotency-key", "if-match", "if-none-match", "user-agent", "x-request-id"}
)
_TO_PROTOCOL: Final = _TO_SERVICE | {"authorization", "cookie", "dpop", "origin", "referer"}
_NEVER_BACK: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authenticate", "content-length", "server", "date"}
)
_INTERNAL: Final = "tongban-"


def to_service(headers: Iterable[tuple[str, str]], audience: str) -> list[tuple[bytes, bytes]]:
    allowed = _TO_PROTOCOL if audience == "protocol" else _TO_SERVICE
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers if name in allowed]


def from_service(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What may leave: no connection headers and nothing internal."""
    return [
        (name, value) for name, value in headers if (text := name.decode("latin-1")) not in _NEVER_BACK and not text.startswith(_INTERNAL)
    ]
