"""What comes back from behind the rooms."""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.decision import Deny


class Broken(Exception):
    """The service's connection ended before its answer did, or said what is no answer; `is_clean` when not one byte had come."""

    def __init__(self, *, is_clean: bool = False) -> None:
        super().__init__("the connection to the service broke")
        self.is_clean = is_clean


class Pieces(Protocol):
    """A body that is still arriving."""

    async def next(self) -> bytes:
        """The next piece, empty after the last."""


class Rest(Pieces, Protocol):
    """What of an answer is still to come. Its `next` raises Broken, and TimeoutError when the service has used up its time."""

    def close(self) -> None:
        """Must be called once, whether or not everything was read."""


@dataclass(slots=True)
class Answer:
    """`body` is all of it, or its beginning when there is a `rest`; `length` is then what the service declared, if it did.
    `known` is one that came under the very same head before, `leaving` the header lines that such an answer leaves with."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    length: int | None = None
    rest: Rest | None = None
    leaving: bytes | None = None
    known: "Answer | None" = None

    def close(self) -> None:
        """Nobody will read the rest."""
        if self.rest is not None:
            self.rest.close()
            self.rest = None

    async def whole(self, limit: int) -> bytes | None:
        """The whole body, None when it is longer than `limit` bytes. Raises as `rest` does."""
        if self.rest is not None:
            pieces, size = [self.body], len(self.body)
            try:
                while size <= limit and (piece := await self.rest.next()):
                    pieces.append(piece)
                    size += len(piece)
            finally:
                self.close()
            self.body = b"".join(pieces)
        return self.body if len(self.body) <= limit else None


class Behind(Protocol):
    """Where a granted request goes: a service over its pool, the control plane in this process, or the sandbox."""

    async def ask(self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer | Deny: ...
