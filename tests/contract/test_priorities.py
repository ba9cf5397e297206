"""Every permission has a class of priority, and a reason for it in both languages."""

import json
from pathlib import Path

from contracts.permissions import Permission
from gateway.registry import priorities

ROWS = json.loads((Path(priorities.__file__).parent / "seed" / "priorities.json").read_text())


def test_every_permission_has_one_priority_and_why() -> None:
    named = [row["permission"] for row in ROWS]
    assert sorted(named) == sorted(permission.value for permission in Permission)
    assert all(row["zh"] and row["en"] and row["priority"] in {0, 1, 2, 3} for row in ROWS)


def test_codes_and_sign_on_come_before_progress_before_intake_before_statistics() -> None:
    order = ("city-code:issue", "case:read", "case:submit", "rating:read")
    assert [priorities.priority_of(each) for each in order] == [0, 1, 2, 3]
    assert priorities.priority_of("sign:on") == 0
    assert priorities.priority_of("what:ever") == priorities.UNKNOWN
