"""How two versions differ, and how two changes of one version go together. Lists are matched by what names their items, never by
position. Source: ADR-0038."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from contracts.api.catalogue import Change
from services.catalogue.domain.element_names import name_of

_NAMED_BY: Final = ("task_code", "code", "question", "id", "name", "title", "text")
_NAMED_BY_TWO: Final = {"delegations": ("what", "area"), "contacts": ("kind", "text")}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Everything that differs between two contents, as JSON, in the order of the later one; for equal ones nothing."""
    return list(_members("", ("", ""), "", before, after))


def _members(path: str, names: tuple[str, str], parent: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for element in dict.fromkeys((*after, *before)):
        zh, en = name_of(parent, element)
        named = (_joined(names[0], zh, "："), _joined(names[1], en, ": "))
        yield from _compared(f"{path}.{element}" if path else element, named, element, before.get(element), after.get(element))


def _compared(path: str, names: tuple[str, str], element: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(path, names, element, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(path, names, element, before, after)
    else:
        yield Change(path=path, zh=names[0], en=names[1], before=before, after=after)


def _items(path: str, names: tuple[str, str], element: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    old, new = keyed(element, before), keyed(element, after)
    for key in dict.fromkeys((*new, *old)):
        item = new.get(key, old.get(key))
        label = str(item["name"]) if isinstance(item, Mapping) and isinstance(item.get("name"), str) else key
        named = (_joined(names[0], label, " "), _joined(names[1], label, " "))
        yield from _compared(f"{path}[{key}]", named, element, old.get(key), new.get(key))
    order = [key for key in old if key in new], [key for key in new if key in old]
    if order[0] != order[1]:
        yield Change(path=f"{path}[]", zh=f"{names[0]}：顺序", en=f"{names[1]}: order", before=order[0], after=order[1])


def keyed(element: str, items: Sequence[Any]) -> dict[str, Any]:
    """The items of a list by what names them: code, name, question or text; the second of a name is told apart by its number."""
    found: dict[str, Any] = {}
    for item in items:
        name, number = _key(element, item), 1
        key = name
        while key in found:
            number += 1
            key = f"{name}#{number}"
        found[key] = item
    return found


def _key(element: str, item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    if by := _NAMED_BY_TWO.get(element):
        return "/".join(str(item.get(each)) for each in by)
    return next((str(item[each]) for each in _NAMED_BY if item.get(each)), "")


def _joined(first: str, second: str, by: str) -> str:
    return f"{first}{by}{second}" if first else second


def together(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Both changes of a content that was `base`, and the paths where they say different things.

    An element that only one side changed is taken from there; lists are put together item by item.
    """
    clashes: list[str] = []
    found = {
        element: _together(element, element, base.get(element), mine.get(element), theirs.get(element), clashes)
        for element in dict.fromkeys((*theirs, *mine))
    }
    return found, clashes


def _together(path: str, element: str, base: Any, mine: Any, theirs: Any, clashes: list[str]) -> Any:
    if mine in (theirs, base):
        return theirs
    if theirs == base:
        return mine
    if isinstance(base, list) and isinstance(mine, list) and isinstance(theirs, list):
        return _items_together(path, element, base, mine, theirs, clashes)
    clashes.append(path)
    return mine


def _items_together(path: str, element: str, base: list[Any], mine: list[Any], theirs: list[Any], clashes: list[str]) -> list[Any]:
    was, ours, other = (keyed(element, each) for each in (base, mine, theirs))
    merged = {
        key: _together(f"{path}[{key}]", element, was.get(key), ours.get(key), other.get(key), clashes)
        for key in dict.fromkeys((*other, *ours))
    }
    return [item for item in merged.values() if item is not None]
