from typing import ClassVar

from contracts.events import REGISTRY, Event


class Noted(Event):
    TYPE: ClassVar[str] = "test.noted"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("rating",)

    subject: str
    number: int

    def key(self) -> str:
        return self.subject


class Forgotten(Noted):
    TYPE: ClassVar[str] = "test.forgotten"


# The registry is what the mesh promises to strangers; tests promise nothing.
for each in (Noted, Forgotten):
    del REGISTRY[each.TYPE, each.VERSION]
