"""One decision as the ledger keeps it: its canonical bytes, its class, and the event that tells whose data was seen."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from contracts.events.access import DataAccessed
from contracts.values import OrganisationId, PersonId
from gateway.decision import GRANTED, Decision, Room

LETTERS: Final = {"personal": b"p", "other": b"o"}
"""The classes by which records are kept."""

_ALL_GRANTED: Final = dict.fromkeys(Room, GRANTED)
_OPTIONAL: Final = (
    "person",
    "organisation",
    "actor",
    "mandate",
    "officer",
    "case_number",
    "refused_by",
    "rule",
    "code",
    "channel",
    "scene",
    "purpose",
    "access",
    "facts",
    "limit",
)
_LONGEST_PATH: Final = 500
# Resident numbers (15 or 18 characters), bank cards and telephone numbers; nobody should put them into a path, but some do.
_NUMBER_OF_SOMEBODY: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{11,18}[0-9Xx]?(?![0-9A-Za-z])")


def kept_as(decision: Decision) -> str:
    return "personal" if decision.access else "other"


def body(decision: Decision) -> bytes:
    """Canonical JSON: these fields in this order, empty ones left out, and `rooms` only when one did not just grant.

    Raises TypeError for text that is none (a lone surrogate).
    """
    said: dict[str, Any] = {
        "request_id": decision.request_id,
        "at": decision.at,
        "method": decision.method,
        "path": _path(decision.path),
        "route": decision.route,
        "status": decision.status,
        "environment": decision.environment,
        "party": decision.party,
        "party_kind": decision.party_kind,
        "policy_version": decision.policy_version,
        "trace_id": decision.trace_id,
        "upstream": decision.upstream,
        "duration_ms": round(decision.duration_ms, 3),
    }
    if decision.rooms != _ALL_GRANTED:
        said["rooms"] = decision.rooms
    for name in _OPTIONAL:
        if value := getattr(decision, name):
            said[name] = value
    return orjson.dumps(said, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _path(path: str) -> str:
    return _NUMBER_OF_SOMEBODY.sub("*", path[:_LONGEST_PATH])


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError


def accessed(decision: Decision) -> DataAccessed:
    """Raises ValueError for a statement that the holder's ledger could not keep."""
    said = decision.access or {}
    if any("\0" in text for text in (said["purpose"], *said["items"])):
        msg = "an access is stated with a NUL character"
        raise ValueError(msg)
    return DataAccessed(
        subjects=tuple(PersonId(each) for each in said["subjects"]),
        organisations=tuple(OrganisationId(each) for each in said["organisations"]),
        owner=decision.upstream,
        party=decision.party,
        officer=decision.officer,
        person=decision.actor or decision.person,
        mandate=decision.mandate,
        grade=said["grade"],
        purpose=said["purpose"],
        case_number=decision.case_number,
        items=tuple(said["items"]),
        at=decision.at,
        request_id=decision.request_id,
    )
