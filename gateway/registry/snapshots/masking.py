from typing import Any

from sqlalchemy import select

from chassis.database import ReadSession
from gateway.registry.tables import masking_rules
from gateway.snapshot import MaskingRule


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    return [row._asdict() for row in await session.execute(select(masking_rules).order_by(masking_rules.c.position))]


def build(rows: list[dict[str, Any]]) -> tuple[MaskingRule, ...]:
    """In the order in which they are tried."""
    return tuple(
        MaskingRule(
            kinds=frozenset(row["kinds"]),
            channels=frozenset(row["channels"]),
            permissions=frozenset(row["permissions"]),
            duties=frozenset(row["duties"]),
            is_own=row["is_own"],
            has_officer=row["has_officer"],
            grade=row["grade"],
            clear=frozenset(row["clear"]),
        )
        for row in rows
    )
