import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select, text

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import BasicCode, DivisionCode
from services.catalogue.domain.drift import Drifted, drift_of
from services.catalogue.domain.matters import NoSuchMatter
from services.catalogue.queries.matters import areas_of
from services.catalogue.repository.stored import readable
from services.catalogue.repository.versions import in_force
from services.catalogue.tables import agencies, implementations, matters, versions

_PAGE: Final = 50
_SAYS_SOMETHING: Final = text(
    """jsonb_path_exists(versions.content, '$.implementations[*] ? (@.promised.type() == "object" || @.places.type() == "array"
    || @.hours.type() == "array" || @.contacts.type() == "array" || @.without_materials.size() > 0)')"""
)
_IN_FORCE: Final = in_force(matters.c.basic_code, versions.c.version, versions.c.content)


async def drift_in(session: ReadSession, basic_code: BasicCode) -> list[api.Drift]:
    """Every implementation of a matter that differs from the level above. Raises NoSuchMatter."""
    query = _IN_FORCE.where(matters.c.basic_code == basic_code)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NoSuchMatter
    return await _drifts(session, [(row.version, api.Matter.model_validate_json(json.dumps(row.content)))])


async def drift(
    session: ReadSession, *, division: DivisionCode | None, after: BasicCode | None, is_reasoned: bool | None
) -> Page[api.Drift]:
    """The same over all matters in force, some matters at a time; only one division's, with or without a reason, if asked."""
    query = _IN_FORCE.where(_SAYS_SOMETHING).order_by(matters.c.basic_code).limit(_PAGE + 1)
    if division:
        there = select(implementations.c.basic_code).where(implementations.c.division == division)
        query = query.where(matters.c.basic_code.in_(there))
    if after:
        query = query.where(matters.c.basic_code > after)
    rows = (await session.execute(query)).all()
    read = readable(api.Matter, (((row.basic_code, row.version), row.content) for row in rows[:_PAGE]), table="versions")
    said = [(version, matter) for (_, version), matter in read]
    found = await _drifts(session, said)
    kept = [
        each
        for each in found
        if (division is None or each.division == division) and (is_reasoned is None or is_reasoned == (each.reason is not None))
    ]
    return Page(items=kept, next=rows[_PAGE - 1].basic_code if len(rows) > _PAGE else None)


async def _drifts(session: ReadSession, said: list[tuple[int, api.Matter]]) -> list[api.Drift]:
    areas = await areas_of(session, [matter for _, matter in said])
    drifted = [(version, matter, each) for version, matter in said for each in drift_of(matter, areas)]
    codes = {each.task_code.agency for _, _, each in drifted}
    rows = await session.execute(select(agencies.c.code, agencies.c.name).where(agencies.c.code.in_(codes)))
    names = {row.code: row.name for row in rows}
    return [_drift(version, matter, each, names) for version, matter, each in drifted]


def _drift(version: int, matter: api.Matter, each: Drifted, names: Mapping[str, str]) -> api.Drift:
    return api.Drift(
        basic_code=matter.basic_code,
        version=version,
        name=matter.name,
        task_code=each.task_code,
        agency=each.task_code.agency,
        agency_name=names[each.task_code.agency],
        division=each.task_code.agency.division,
        level=each.task_code.level,
        above=each.above,
        changes=each.changes,
        reason=each.reason,
    )
