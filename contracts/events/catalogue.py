"""What the catalogue tells the mesh."""

from typing import ClassVar, Literal

from contracts.events import Event
from contracts.strict import Day, Instant
from contracts.values import BasicCode


class MatterPublished(Event):
    """A version of a matter is published; it will never change. It is in force from `effective_at` on, at once where that is absent."""

    TYPE: ClassVar[str] = "matter.published"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("catalogue",)

    basic_code: BasicCode
    version: int
    published_at: Instant
    effective_at: Instant | None = None

    def key(self) -> str:
        return self.basic_code


class MatterWithdrawn(Event):
    """A version that was published for later is taken back before its day; it never comes into force."""

    TYPE: ClassVar[str] = "matter.withdrawn"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("catalogue",)

    basic_code: BasicCode
    version: int
    withdrawn_at: Instant

    def key(self) -> str:
        return self.basic_code


class PackagePublished(Event):
    """A version of a package 一件事 is published; it will never change. It is in force from the day `effective_on` on."""

    TYPE: ClassVar[str] = "package.published"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("catalogue",)

    code: str
    version: int
    published_at: Instant
    effective_on: Day

    def key(self) -> str:
        return self.code


class MatterChanged(Event):
    """From `from_at` on a matter is in use 在用, suspended 暂停 or retired 取消: only what is in use can be applied for."""

    TYPE: ClassVar[str] = "matter.changed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("catalogue",)

    basic_code: BasicCode
    state: Literal["in_use", "suspended", "retired"]
    from_at: Instant
    changed_at: Instant

    def key(self) -> str:
        return self.basic_code
