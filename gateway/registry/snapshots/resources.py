from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from chassis.database import ReadSession
from gateway.registry.domain.resources import notices
from gateway.registry.priorities import body_limit_of, priority_of
from gateway.registry.tables import resources
from gateway.snapshot import Resource, RouteTable

_COLUMNS = (
    resources.c.service, resources.c.method, resources.c.path, resources.c.permission, resources.c.audience,
    resources.c.assurance, resources.c.max_age_s, resources.c.grade, resources.c.state, resources.c.owner,
    resources.c.sharing, resources.c.version, resources.c.successor, resources.c.deprecated_at, resources.c.sunset_at, resources.c.personal,
)  # fmt: skip


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    """Times as seconds since the epoch."""
    found = [row._asdict() for row in await session.execute(select(*_COLUMNS))]
    return [row | {name: row[name] and row[name].timestamp() for name in ("deprecated_at", "sunset_at")} for row in found]


def build(rows: list[dict[str, Any]]) -> RouteTable:
    return RouteTable([_resource(row) for row in rows])


def _resource(row: dict[str, Any]) -> Resource:
    leaving = {"deprecated_at", "sunset_at", "successor"}
    said = notices(_instant(row["deprecated_at"]), _instant(row["sunset_at"]), row["successor"])
    kept = {name: value for name, value in row.items() if name not in leaving} | {"personal": tuple(row["personal"])}
    permission = row["permission"]
    return Resource(
        **kept,
        priority=priority_of(permission),
        notices=said,
        sunset_at=row["sunset_at"],
        successor=row["successor"],
        body_limit_bytes=body_limit_of(permission),
    )


def _instant(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at is not None else None
