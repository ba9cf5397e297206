"""What the gateway grants by permission: which calls are shed last under overload (0 codes and sign-on, 1 progress, 2 intake,
3 statistics), and which may bring a larger body than others."""

import functools
import json
from pathlib import Path
from typing import Any, Final

_SEED: Final = Path(__file__).parent / "seed" / "priorities.json"
UNKNOWN: Final = 2


def priority_of(permission: str) -> int:
    """The class of a permission; one that the file does not know is like intake."""
    row = _by_permission().get(permission)
    return UNKNOWN if row is None else int(row["priority"])


def body_limit_of(permission: str) -> int:
    """How many bytes a call under it may bring, 0 where that is the gateway's usual limit."""
    return int(_by_permission().get(permission, {}).get("body_limit_bytes", 0))


@functools.cache
def _by_permission() -> dict[str, dict[str, Any]]:
    return {row["permission"]: row for row in json.loads(_SEED.read_text())}
