"""What the catalogue tells the mesh."""

from typing import ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import BasicCode


class MatterPublished(Event):
    """A version of a matter is in force; it will never change."""

    TYPE: ClassVar[str] = "matter.published"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("catalogue",)

    basic_code: BasicCode
    version: int
    published_at: Instant

    def key(self) -> str:
        return self.basic_code
