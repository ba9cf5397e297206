"""What the officers of a unit are limited to."""

from typing import Any

from sqlalchemy import Row, select, text

from chassis.database import ReadSession
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import BasicCode, OfficerId
from services.application.tables import officer_scopes

_PAGE = 100
# Asked at every call of an officer: kept, where putting it together would cost more than running it.
_MATTERS = text("SELECT matters FROM officer_scopes WHERE unit = :unit AND officer = :officer")


async def matters_of(session: ReadSession, unit: str, officer: OfficerId) -> frozenset[str] | None:
    """None for an officer who is not limited."""
    found = (await session.execute(_MATTERS, {"unit": unit, "officer": officer})).scalar_one_or_none()
    return None if found is None else frozenset(found)


async def scopes(session: ReadSession, unit: str, *, after: OfficerId | None) -> Page[api.OfficerScope]:
    """By the officer's number; `after` is the last of the page before."""
    query = select(officer_scopes).where(officer_scopes.c.unit == unit).order_by(officer_scopes.c.officer).limit(_PAGE + 1)
    if after:
        query = query.where(officer_scopes.c.officer > after)
    rows = (await session.execute(query)).all()
    items = [_scope(row) for row in rows[:_PAGE]]
    return Page(items=items, next=items[-1].officer if len(rows) > _PAGE else None)


def _scope(row: Row[Any]) -> api.OfficerScope:
    return api.OfficerScope(
        officer=OfficerId(row.officer), matters=[BasicCode(each) for each in row.matters], set_by=OfficerId(row.set_by), set_at=row.set_at
    )
