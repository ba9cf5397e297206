"""Which permissions are shed last under overload: 0 codes and sign-on, 1 progress, 2 intake, 3 statistics."""

import functools
import json
from pathlib import Path
from typing import Final

_SEED: Final = Path(__file__).parent / "seed" / "priorities.json"
UNKNOWN: Final = 2


def priority_of(permission: str) -> int:
    """The class of a permission; one that the file does not know is like intake."""
    return _by_permission().get(permission, UNKNOWN)


@functools.cache
def _by_permission() -> dict[str, int]:
    return {row["permission"]: row["priority"] for row in json.loads(_SEED.read_text())}
