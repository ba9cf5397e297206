import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select

from chassis.database import ReadSession
from chassis.working_days import local_day
from contracts.api import catalogue as api
from contracts.values import BasicCode
from services.catalogue.domain.differences import differences
from services.catalogue.domain.lifecycle import NoSuchVersion
from services.catalogue.domain.matters import NoSuchMatter
from services.catalogue.tables import matters, packages, standings, versions


async def versions_of(session: ReadSession, basic_code: BasicCode, at: datetime) -> api.Versions:
    """Raises NoSuchMatter."""
    name = (await session.execute(select(matters.c.name).where(matters.c.basic_code == basic_code))).scalar_one_or_none()
    if name is None:
        raise NoSuchMatter
    plain = (versions.c.version, versions.c.published_at, versions.c.effective_at, versions.c.withdrawn_at)
    query = select(*plain).where(versions.c.basic_code == basic_code).order_by(versions.c.version.desc())
    rows = (await session.execute(query)).all()
    decided = await _standings(session, basic_code)
    held = [each for each in sorted(decided, key=lambda each: each.from_at) if each.from_at <= at and each.withdrawn_at is None]
    in_force = next((row.version for row in rows if row.effective_at <= at and row.withdrawn_at is None), 0)
    return api.Versions(
        basic_code=basic_code,
        name=name,
        state=held[-1].state if held else "in_use",
        versions=[_version(basic_code, row, in_force) for row in rows],
        standings=decided,
    )


async def _standings(session: ReadSession, basic_code: BasicCode) -> list[api.Standing]:
    rows = await session.execute(select(standings).where(standings.c.basic_code == basic_code).order_by(standings.c.id))
    return [api.Standing.model_validate({name: getattr(row, name) for name in api.Standing.model_fields}) for row in rows]


def _version(basic_code: BasicCode, row: Any, in_force: int) -> api.Version:
    return api.Version(
        basic_code=basic_code,
        version=row.version,
        published_at=row.published_at,
        effective_at=row.effective_at,
        is_in_force=row.version == in_force,
        withdrawn_at=row.withdrawn_at,
    )


async def version(session: ReadSession, basic_code: BasicCode, number: int, at: datetime) -> api.VersionContent:
    """Raises NoSuchVersion."""
    row = await _row(session, basic_code, number)
    of_matter = (versions.c.basic_code == basic_code, versions.c.withdrawn_at.is_(None))
    last = select(func.max(versions.c.version)).where(*of_matter, versions.c.effective_at <= at)
    plain = _version(basic_code, row, (await session.execute(last)).scalar_one() or 0)
    content = {"matter": row.content, "fields": row.form_fields}
    return api.VersionContent.model_validate_json(json.dumps(plain.model_dump(mode="json") | content))


async def difference(session: ReadSession, basic_code: BasicCode, before: int, after: int) -> api.Difference:
    """How a version reads beside another, with the fields of its form. Raises NoSuchVersion."""
    contents = [_whole(await _row(session, basic_code, number)) for number in (before, after)]
    return api.Difference(basic_code=basic_code, before=before, after=after, changes=differences(*contents))


def _whole(row: Row[Any]) -> Mapping[str, Any]:
    """Content and fields as the present contracts say them, so that an element added since then is no difference."""
    said = api.Matter.model_validate_json(json.dumps(row.content)).model_dump(mode="json")
    return said | {"fields": [api.FormField.model_validate(each).model_dump(mode="json") for each in row.form_fields]}


async def _row(session: ReadSession, basic_code: BasicCode, number: int) -> Row[Any]:
    query = select(versions).where(versions.c.basic_code == basic_code, versions.c.version == number)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NoSuchVersion
    return row


async def is_any_due(session: ReadSession, at: datetime) -> tuple[bool, bool]:
    """Whether matters, and whether packages, are to come into force that are not shown yet."""
    due = exists().where(matters.c.next_at <= at), exists().where(packages.c.next_on <= local_day(at))
    are_matters, are_packages = (await session.execute(select(*due))).one()
    return are_matters, are_packages
