"""Whom a unit limits to which matters."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from contracts.values import BasicCode, OfficerId
from services.application.domain.sight import NotOnesOwnScope
from services.application.tables import officer_scopes


async def limit(
    session: WriteSession, unit: str, officer: OfficerId, matters: Sequence[BasicCode] | None, *, by: OfficerId, at: datetime
) -> None:
    """From the next request on the officer sees these matters only; None: all of the unit's. Raises NotOnesOwnScope."""
    if officer == by:
        raise NotOnesOwnScope
    if matters is None:
        await session.execute(delete(officer_scopes).where(officer_scopes.c.unit == unit, officer_scopes.c.officer == officer))
        return
    said = {"matters": sorted(set(matters)), "set_by": by, "set_at": at}
    row = {"unit": unit, "officer": officer, **said}
    await session.execute(upsert(officer_scopes).values(row).on_conflict_do_update(index_elements=["unit", "officer"], set_=said))
