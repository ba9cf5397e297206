"""What a policy is asked: may this one do that to this thing, in this scene."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ESCAPES: Final = frozenset({"__entity", "__extn", "__expr"})


@dataclass(frozen=True, slots=True)
class Entity:
    """`type` is the name that policies use (`DataItem`), `attributes` are plain JSON."""

    type: str
    id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"uid": self.uid, "attrs": plain(self.attributes), "parents": []}

    @property
    def uid(self) -> dict[str, str]:
        return {"type": self.type, "id": self.id}


@dataclass(frozen=True, slots=True)
class Question:
    principal: Entity
    action: str
    resource: Entity
    context: Mapping[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return {
            "principal": self.principal.uid,
            "action": {"type": "Action", "id": self.action},
            "resource": self.resource.uid,
            "context": plain(self.context),
        }

    def entities(self) -> list[dict[str, Any]]:
        same = self.principal.uid == self.resource.uid
        return [self.principal.as_json()] if same else [self.principal.as_json(), self.resource.as_json()]


def type_name(said: str) -> str:
    """`data-item` → `DataItem`: types are written in kebab case outside, as entity types in policies."""
    return "".join(part[:1].upper() + part[1:] for part in said.replace("_", "-").split("-"))


def plain(value: Any) -> Any:
    """What policies can compare: booleans, integers, texts, sets and records. What they cannot is left out, so it is missing."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items() if _is_plain(each) and name not in _ESCAPES}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value if _is_plain(each)]
    return value


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, str, Mapping, list, tuple, set, frozenset))
