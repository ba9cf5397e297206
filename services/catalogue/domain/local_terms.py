"""What agencies said of their own in a matter, where a document leaves it out: kept, or dropped when the document says so.

Source: ADR-0038.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from contracts.api.catalogue import Implementation, Matter
from contracts.values import TaskCode

_WORDS: Final = ("places", "hours", "contacts", "promised", "without_materials", "delegations", "reason")

Said = Mapping[str, Any]
"""An implementation as JSON."""


def left_out(matter: Matter, standing: Said) -> dict[TaskCode, dict[str, Any]]:
    """The words of their own that implementations have in `standing`, a matter as JSON, and nobody says in the document."""
    given = {each.task_code: each for each in matter.implementations}
    found = {}
    for said in standing["implementations"]:
        one = given.get(said["task_code"])
        words = {name: said[name] for name in _WORDS if said.get(name) and not (one and getattr(one, name))}
        if words:
            found[TaskCode(said["task_code"])] = words
    return found


def with_kept(matter: Matter, standing: Said, words: Mapping[TaskCode, dict[str, Any]]) -> Matter:
    """The document's matter with these words; an implementation that it does not have at all stays as it stands."""
    given = {each.task_code for each in matter.implementations}
    implementations = [
        _implementation(each.model_dump(mode="json") | words[each.task_code]) if each.task_code in words else each
        for each in matter.implementations
    ]
    missing = [_implementation(each) for each in standing["implementations"] if each["task_code"] in words.keys() - given]
    return matter.model_copy(update={"implementations": [*implementations, *missing]})


def _implementation(said: Said) -> Implementation:
    return Implementation.model_validate_json(json.dumps(said))
