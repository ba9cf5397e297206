"""What is said otherwise in two states of a thing, place by place, so that somebody can read it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from contracts.api.catalogue import PartChange

_SHOWN: Final = 160
_NAMES: Final = ("code", "task_code", "basic_code", "name", "kind", "what", "question", "text")
"""By what an item of a list is known again in another place of the list."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, most: int) -> list[PartChange]:
    """The first `most` places at which two JSON objects differ, by path: `materials[id-card].is_required`."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    places = [place for place in dict.fromkeys((*old, *new)) if old.get(place) != new.get(place)]
    return [PartChange(part=place, before=_shown(old.get(place)), after=_shown(new.get(place))) for place in places[:most]]


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _leaves(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value):
        seen: dict[str, int] = {}
        for number, each in enumerate(value):
            name = _name(each, number)
            seen[name] = seen.get(name, 0) + 1
            yield from _leaves(each, f"{place}[{name}]" if seen[name] == 1 else f"{place}[{name} #{seen[name]}]")
    elif value is not None and value != []:
        yield place, value


def _name(item: Any, number: int) -> str:
    found = [item[name] for name in _NAMES if isinstance(item.get(name), str)] if isinstance(item, dict) else []
    return str(found[0])[:40] if found else str(number + 1)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
