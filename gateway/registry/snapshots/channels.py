from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chassis.database import ReadSession
from gateway.registry.tables import channels
from gateway.snapshot import Channel, Hours


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    wanted = [column for column in channels.c if column.name not in {"zh", "en", "changed_by", "changed_at"}]
    return [row._asdict() for row in await session.execute(select(*wanted).order_by(channels.c.code))]


def build(rows: list[dict[str, Any]]) -> Mapping[str, Channel]:
    """Code → channel."""
    return {row["code"]: _channel(row) for row in rows}


def _channel(row: dict[str, Any]) -> Channel:
    is_explained = not row["is_open"] and row["closed_for_zh"] and row["closed_for_en"]
    return Channel(
        code=row["code"],
        is_open=row["is_open"],
        kinds=frozenset(row["kinds"]),
        audiences=frozenset(row["audiences"]),
        grade=row["grade"],
        assurance=row["assurance"],
        may_write=row["may_write"],
        origins=frozenset(row["origins"]),
        hours=_hours(row["hours"]),
        usual_for=frozenset(row["usual_for"]),
        closed_for=(row["closed_for_zh"], row["closed_for_en"]) if is_explained else None,
    )


def _hours(said: dict[str, Any] | None) -> Hours | None:
    return Hours(frozenset(said["days"]), _seconds(said["opens"]), _seconds(said["closes"])) if said else None


def _seconds(time_of_day: str) -> int:
    hour, _, minute = time_of_day.partition(":")
    return int(hour) * 3600 + int(minute) * 60
