"""States that an answer carries personal data, so that the access lands in the holders' ledger.

The statement travels in an internal header: the gateway removes it and publishes the access; a service that asked for
itself publishes it through its own outbox.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from starlette.responses import Response

from chassis.http.client import Disclosure, Fetched
from chassis.http.mesh_token import CallerFacts
from contracts.headers import DATA_ACCESS
from contracts.values import Grade, OrganisationId, PersonId

R = TypeVar("R", bound=Response)

# HTTP parsers on our ways take 8 KiB a header; the rest is for subjects, purpose and base64.
_ITEMS_BYTES: Final = 3 * 1024
_BYTES_A_CHARACTER: Final = 6
"""At most: a control is written as \\u and four digits."""

__all__ = ["Disclosure", "disclose", "disclose_fetched", "disclose_own"]


def disclose(
    response: R,
    *,
    subjects: Iterable[PersonId] = (),
    organisations: Iterable[OrganisationId] = (),
    purpose: str,
    grade: Grade = Grade.PERSONAL,
    items: Iterable[str] = (),
) -> R:
    """The same response, marked as carrying the subjects' data. No mark where there is no subject.

    Of very many items the mark names the first and says how many more there are.
    """
    persons, legal_persons = tuple(dict.fromkeys(subjects)), tuple(dict.fromkeys(organisations))
    if persons or legal_persons:
        response.headers[DATA_ACCESS] = Disclosure(persons, int(grade), purpose, _fitting(tuple(items)), legal_persons).header()
    return response


def disclose_own(response: R, facts: CallerFacts, *, purpose: str, grade: Grade = Grade.PERSONAL, items: Iterable[str] = ()) -> R:
    """Mark the answer as carrying the data of the subject on whose behalf the call is."""
    persons, legal_persons = filter(None, [facts.person]), filter(None, [facts.organisation])
    return disclose(response, subjects=persons, organisations=legal_persons, purpose=purpose, grade=grade, items=items)


def _fitting(items: Sequence[str]) -> tuple[str, ...]:
    if sum(map(len, items)) * _BYTES_A_CHARACTER + 4 * len(items) <= _ITEMS_BYTES:
        return tuple(items)
    size = 0
    for count, item in enumerate(items):
        size += len(json.dumps(item, ensure_ascii=False).encode()) + 2
        if size > _ITEMS_BYTES:
            return (*items[:count], f"…+{len(items) - count}")
    return tuple(items)


def disclose_fetched(response: R, *fetched: Fetched[Any]) -> R:
    """Pass on what neighbours disclosed to us for this answer, as one mark."""
    accesses = [each.access for each in fetched if each.access]
    if not accesses:
        return response
    return disclose(
        response,
        subjects=[subject for access in accesses for subject in access.subjects],
        organisations=[each for access in accesses for each in access.organisations],
        purpose=accesses[0].purpose,
        grade=Grade(max(access.grade for access in accesses)),
        items=dict.fromkeys(item for access in accesses for item in access.items),
    )
