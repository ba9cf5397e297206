"""Records of decisions that are alike are written from one outline, byte for byte as each would be alone."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.values import CaseNumber, PartyId, PersonId
from gateway.decision import GRANTED, Alike, Decision, Room
from gateway.ledger import records

AT = datetime(2026, 11, 26, 2, 14, 49, 123456, UTC)
LIMIT = {"policy": "party", "q": 200, "w": 1, "r": 199, "source": "local"}


def decision(**more: Any) -> Decision:
    said: dict[str, Any] = {
        "trace_id": "ab" * 16,
        "route": "GET /matters/{code}",
        "party": PartyId.new(),
        "party_kind": "app",
        "person": PersonId.new(),
        "rooms": {room.value: GRANTED for room in Room},
        "policy_version": 3,
        "status": 200,
        "duration_ms": 1.23456,
        "upstream": "catalogue",
        "channel": "app",
        "purpose": '100 % "sure" %s',
        "facts": {"kind": "app", "duties": frozenset({"b", "a"})},
        "limit": LIMIT,
        **more,
    }
    return Decision("01a215ad-7693-733b-8904-afe2b980d620", AT, "GET", "/matters/440111006000", **said)


@pytest.mark.parametrize(
    "first",
    [
        decision(),
        decision(case_number=CaseNumber("11310101TE5T010192431010190000020261124000017")),
        decision(route="GET /matters/440111006000"),
        decision(rooms={"access": GRANTED}),
    ],
    ids=["path", "case", "no path", "rooms"],
)
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"request_id": "01a215ad-0000-733b-8904-afe2b980d620", "trace_id": "cd" * 16, "limit": {**LIMIT, "r": 7, "source": "lease"}},
        {"at": AT.replace(microsecond=0), "duration_ms": 0.0, "status": 304},
        {"duration_ms": 30_000.5, "status": 502},
        {"path": "/matters/330106199001011234/of%20whom"},
        {"case_number": CaseNumber("11310101TE5T010192431010190000020261124000025")},
        {"case_number": None},
        {"trace_id": None},
        {"limit": {}},
        {"rule": "hung-up"},
        {"rule": "away", "code": "upstream-away", "refused_by": "protection"},
        {"access": {"subjects": ["x"]}},
    ],
    ids=", ".join,
)
def test_an_outline_is_filled_as_the_record_would_be_written_alone(first: Decision, change: dict[str, Any]) -> None:
    alike = Alike()
    assert records.body(replace(first, alike=alike)) == records.body(first)
    assert alike.text is not None

    other = replace(first, **change)

    assert records.body(replace(other, alike=alike)) == records.body(other)
