from typing import Any

from sqlalchemy import select

from chassis.database import ReadSession
from gateway.registry.priorities import priority_of
from gateway.registry.tables import resources
from gateway.snapshot import Resource, RouteTable


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    return [row._asdict() for row in await session.execute(select(resources))]


def build(rows: list[dict[str, Any]]) -> RouteTable:
    return RouteTable([Resource(**row | {"personal": tuple(row["personal"])}, priority=priority_of(row["permission"])) for row in rows])
