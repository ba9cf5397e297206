"""The rules of masking, brought to the state of the seed."""

import json
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, insert

from chassis.database import WriteSession
from gateway.registry.tables import masking_rules

_SEED: Final = Path(__file__).parent / "seed" / "masking.json"


async def load_masking(session: WriteSession) -> None:
    await session.execute(delete(masking_rules))
    await session.execute(insert(masking_rules), seeded())


def seeded() -> list[dict[str, Any]]:
    """Rows in the order of the file. A condition that a rule does not state fits everybody."""
    anybody: dict[str, Any] = {
        **{name: [] for name in ("kinds", "channels", "permissions", "duties")},
        "is_own": None,
        "has_officer": None,
        "grade": 4,
    }
    return [anybody | rule | {"position": position} for position, rule in enumerate(json.loads(_SEED.read_text()))]
