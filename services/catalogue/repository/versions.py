"""Which version of a matter counts, said once: the newest that was published, or the one that is found now."""

import json
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, select

from chassis.database import ReadSession
from contracts.api.catalogue import FormField
from services.catalogue.tables import fields, matters, versions

_FOUND: Final = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.version)
_NEWEST: Final = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.newest)
IN_USE: Final = matters.c.state == "in_use"


def in_force(*columns: ColumnElement[Any]) -> Select[Any]:
    """Of every matter the version in force, whether the matter is in use or not. Source: ADR-0038, *in force by the clock*."""
    return select(*columns).select_from(matters).join(versions, _FOUND)


def newest(*columns: ColumnElement[Any], also_without: bool = False) -> Select[Any]:
    """Of every matter the version published last, whether it is in force by now or not; without one where all were taken back."""
    return select(*columns).select_from(matters).join(versions, _NEWEST, isouter=also_without)


async def dictionary(session: ReadSession) -> dict[str, FormField]:
    """All fields by name, one for each thing that forms ask."""
    rows = await session.execute(select(fields).order_by(fields.c.name))
    return {row.name: FormField.model_validate_json(json.dumps(row._asdict())) for row in rows}
