from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chassis.database import ReadSession
from gateway.registry.tables import channels
from gateway.snapshot import Channel


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    return [row._asdict() for row in await session.execute(select(channels.c.kind, channels.c.code, channels.c.is_open))]


def build(rows: list[dict[str, Any]]) -> Mapping[str, Channel]:
    """Kind of party → the channel that it comes through."""
    return {row["kind"]: Channel(row["code"], "open" if row["is_open"] else "closed") for row in rows}
