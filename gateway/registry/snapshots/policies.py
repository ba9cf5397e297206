from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from chassis.database import ReadSession
from gateway.registry.tables import policies, policy_versions


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    version = (await session.execute(select(func.coalesce(func.max(policy_versions.c.version), 0)))).scalar_one()
    found = await session.execute(select(policies.c.kind, policies.c.permission))
    return [{"version": version, "kind": row.kind, "permission": row.permission} for row in found]


def build(rows: list[dict[str, Any]]) -> tuple[Mapping[str, frozenset[str]], int]:
    """Kind of party → its permissions, and the version that says so."""
    granted: dict[str, set[str]] = {}
    for row in rows:
        granted.setdefault(row["kind"], set()).add(row["permission"])
    return {kind: frozenset(each) for kind, each in granted.items()}, rows[0]["version"] if rows else 0
