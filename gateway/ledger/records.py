"""One decision as the ledger keeps it: its canonical bytes, its class, and the event that tells whose data was seen."""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

from contracts.events.access import DataAccessed
from contracts.values import OrganisationId, PersonId
from gateway.decision import GRANTED, Decision, Room

OTHER, PERSONAL = b"o", b"p"
LETTERS: Final = {"personal": PERSONAL, "other": OTHER}
"""The classes by which records are kept."""

_ALL_GRANTED: Final = dict.fromkeys(Room, GRANTED)
_DIFFERENT: Final = ("request_id", "at", "status", "trace_id", "duration_ms", "path", "case_number", "limit")
"""What decisions that are alike differ in, in the order of the text."""
_LONGEST_PATH: Final = 500
# Resident numbers (15 or 18 characters), bank cards and telephone numbers; nobody should put them into a path, but some do.
_NUMBER_OF_SOMEBODY: Final = re.compile(r"\b[0-9]{11,18}[0-9Xx]?\b")


def letter(decision: Decision) -> bytes:
    """That of its class."""
    return PERSONAL if decision.access else OTHER


def body(decision: Decision) -> bytes:
    """Canonical JSON: these fields in this order, empty ones left out; `path` too where the route says it, `rooms` where all
    granted, `environment` where it is production.

    Raises TypeError for text that is none (a lone surrogate).
    """
    if (alike := decision.alike) is not None and decision.rule is None and not decision.access:
        if alike.text is None:
            alike.text = _Outline(decision)
        outline: _Outline = alike.text
        if outline.fits(decision):
            return outline.filled(decision)
    return orjson.dumps(_said(decision), default=_plain, option=orjson.OPT_NON_STR_KEYS if decision.rooms != _ALL_GRANTED else None)


def _said(decision: Decision) -> dict[str, Any]:  # noqa: C901, PLR0912 (a flat list of questions; as calls they would cost more than all the rest)
    route = decision.route
    said: dict[str, Any] = {
        "request_id": decision.request_id,
        "at": decision.at,
        "route": route,
        "status": decision.status,
        "party": decision.party,
        "party_kind": decision.party_kind,
        "policy_version": decision.policy_version,
        "trace_id": decision.trace_id,
        "upstream": decision.upstream,
        "duration_ms": int(decision.duration_ms * 1000) / 1000,
    }
    if not route:
        said["method"] = decision.method
    if not route.endswith(decision.path):
        said["path"] = _path(decision.path)
    if decision.environment != "production":
        said["environment"] = decision.environment
    if decision.rooms != _ALL_GRANTED:
        said["rooms"] = decision.rooms
    if decision.rule is not None:
        said |= {"refused_by": decision.refused_by, "rule": decision.rule, "code": decision.code}
    if decision.person is not None:
        said["person"] = decision.person
    if decision.organisation is not None:
        said["organisation"] = decision.organisation
    if decision.mandate is not None:
        said["actor"], said["mandate"] = decision.actor, decision.mandate
    if decision.officer is not None:
        said["officer"] = decision.officer
    if decision.case_number is not None:
        said["case_number"] = decision.case_number
    if decision.channel:
        said["channel"] = decision.channel
    if decision.scene:
        said["scene"] = decision.scene
    if decision.purpose:
        said["purpose"] = decision.purpose
    if decision.facts:
        said["facts"] = decision.facts
    if decision.limit:
        said["limit"] = decision.limit
    if decision.access:
        said["access"] = decision.access
    return said


class _Outline:
    """The text of decisions that are alike, in parts: every second one is what they differ in."""

    __slots__ = ("_has_case", "_has_path", "_parts")

    def __init__(self, decision: Decision) -> None:
        said, mark = _said(decision), secrets.token_hex(16)
        self._has_path, self._has_case = "path" in said, decision.case_number is not None
        said |= {name: mark for name in _DIFFERENT if name in said}
        option = orjson.OPT_NON_STR_KEYS if "rooms" in said else None
        same = orjson.dumps(said, default=_plain, option=option).split(f'"{mark}"'.encode())
        self._parts = [part for each in same for part in (each, b"")][:-1]

    def fits(self, decision: Decision) -> bool:
        has_case, has_path = decision.case_number is not None, not decision.route.endswith(decision.path)
        is_whole = bool(decision.limit) and decision.trace_id is not None
        return is_whole and has_case is self._has_case and has_path is self._has_path

    def filled(self, decision: Decision) -> bytes:
        """As `body` would write it."""
        parts = self._parts.copy()
        parts[1], parts[3] = b'"%b"' % decision.request_id.encode(), orjson.dumps(decision.at)
        parts[5], parts[7] = b"%d" % decision.status, orjson.dumps(decision.trace_id)
        parts[9] = orjson.dumps(int(decision.duration_ms * 1000) / 1000)
        if self._has_path:
            parts[11] = orjson.dumps(_path(decision.path))
        if self._has_case:
            parts[-4] = orjson.dumps(decision.case_number)
        parts[-2] = orjson.dumps(decision.limit)
        return b"".join(parts)


def _path(path: str) -> str:
    return _without_numbers(path[:_LONGEST_PATH])


@lru_cache(4096)
def _without_numbers(path: str) -> str:
    return _NUMBER_OF_SOMEBODY.sub("*", path)


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
