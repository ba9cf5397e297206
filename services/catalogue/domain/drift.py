"""Who differs from the level above, in what, and why. Source: ADR-0038."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contracts.api.catalogue import Change, Element, Matter
from contracts.values import TaskCode
from services.catalogue.domain.differences import differences
from services.catalogue.domain.levels import Ladder, Terms


class Drifted(NamedTuple):
    """`above` is None for what stands right below the matter itself; `reason` is the implementation's own."""

    task_code: TaskCode
    above: TaskCode | None
    changes: list[Change]
    reason: Element | None


def drift_of(matter: Matter, areas: Mapping[str, str]) -> Iterator[Drifted]:
    """Each implementation whose terms are not those of the level above, in the order of their codes.

    Whoever only inherits what the level above says otherwise than the matter does not differ.
    """
    ladder = Ladder(matter, areas)
    for said in sorted(matter.implementations, key=lambda each: each.task_code):
        own, above = ladder.terms(said.task_code), ladder.above(said.task_code)
        changes = differences(_told(above), _told(own))
        if changes:
            yield Drifted(said.task_code, above.line[-1] if above.line else None, changes, said.reason)


def _told(terms: Terms) -> dict[str, Any]:
    said = {name: [each.model_dump(mode="json") for each in getattr(terms, name)] for name in ("places", "hours", "contacts", "materials")}
    return said | {"promised": terms.promised.model_dump(mode="json")}
