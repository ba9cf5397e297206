"""Versions as they are written: rendered before anybody waits for a lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.api.catalogue import FormField, Matter
from services.catalogue.domain.search.entries import Entry
from services.catalogue.repository.search import entry_of


@dataclass(frozen=True, slots=True)
class Rendered:
    """A matter with the fields of its form, as JSON texts, and how it is found once it is in force."""

    matter: Matter
    content: str
    form_fields: str
    entry: Entry


def rendered(matter: Matter, form: Sequence[FormField], areas: Mapping[str, str]) -> Rendered:
    """`areas` are those of agencies."""
    fields = ",".join(each.model_dump_json() for each in form)
    return Rendered(matter, matter.model_dump_json(), f"[{fields}]", entry_of(matter, form, areas))
