"""What of an answer is shown to whom."""

from typing import Protocol

from gateway.walk import Walk


class Mask(Protocol):
    def apply(self, body: bytes) -> bytes:
        """The JSON body without what this caller may not see."""


def mask_for(walk: Walk) -> Mask | None:  # noqa: ARG001
    """None when the caller may see everything that the service says."""
    return None
