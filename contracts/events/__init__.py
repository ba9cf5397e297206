"""Events: facts that happened, frozen, with ids and nobody's secrets.

A published version of an event never changes but by optional fields; anything else is a new version.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict

from contracts.topics import SERVICES

REGISTRY: Final[dict[tuple[str, int], type["Event"]]] = {}


class Event(BaseModel, ABC):
    """Base of all events. A subclass states `TYPE` (`thing.fact`), `VERSION` and `PUBLISHERS` and orders itself by `key`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    PUBLISHERS: ClassVar[tuple[str, ...]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not set(cls.PUBLISHERS) <= set(SERVICES) or REGISTRY.setdefault((cls.TYPE, cls.VERSION), cls) is not cls:
            msg = f"{cls.TYPE} version {cls.VERSION} is declared twice or by an unknown publisher"
            raise TypeError(msg)

    @abstractmethod
    def key(self) -> str:
        """Events with the same key are delivered in the order of their commits."""
