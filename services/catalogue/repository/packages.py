"""Packages as rows: drafts change, published versions do not."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.api.catalogue import FormField, Matter, Package
from contracts.values import CreditCode, OfficerId
from services.catalogue.repository.stored import readable, unreadable
from services.catalogue.repository.versions import IN_USE, dictionary, in_force
from services.catalogue.tables import matters, package_drafts, package_versions, packages, versions


@dataclass(frozen=True, slots=True)
class Draft:
    package: Package
    agency: CreditCode
    revision: int
    drafted_by: tuple[OfficerId, ...]
    drafted_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    package: Package
    agency: CreditCode
    version: int
    revision: int
    drafted_by: tuple[OfficerId, ...]
    published_by: OfficerId
    published_at: datetime
    effective_on: date


class Packages:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def lock(self, code: str) -> None:
        """One change of a package at a time."""
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"package {code}"))))

    async def draft(self, code: str) -> Draft | None:
        return await draft_of(self._session, code)

    async def newest(self, code: str) -> Published | None:
        query = select(package_versions).where(package_versions.c.code == code).order_by(package_versions.c.version.desc()).limit(1)
        row = (await self._session.execute(query)).one_or_none()
        return published_of(row) if row else None

    async def version(self, code: str, version: int) -> Published | None:
        query = select(package_versions).where(package_versions.c.code == code, package_versions.c.version == version)
        row = (await self._session.execute(query)).one_or_none()
        return published_of(row) if row else None

    async def save(self, draft: Draft) -> None:
        row = {
            "code": draft.package.code,
            "agency": draft.agency,
            "revision": draft.revision,
            "content": draft.package.model_dump(mode="json"),
            "drafted_by": list(draft.drafted_by),
            "drafted_at": draft.drafted_at,
        }
        await self._session.execute(upsert(package_drafts).values(row).on_conflict_do_update(index_elements=["code"], set_=row))

    async def discard_draft(self, code: str) -> None:
        await self._session.execute(delete(package_drafts).where(package_drafts.c.code == code))

    async def publish(self, one: Published) -> None:
        """Put a version behind the others; `settle` lets it be found, at once or on its day."""
        row = {
            "code": one.package.code,
            "version": one.version,
            "agency": one.agency,
            "content": one.package.model_dump(mode="json"),
            "revision": one.revision,
            "drafted_by": list(one.drafted_by),
            "published_by": one.published_by,
            "published_at": one.published_at,
            "effective_on": one.effective_on,
        }
        await self._session.execute(insert(package_versions).values(row))
        due = upsert(packages).values(code=one.package.code, next_on=one.effective_on)
        sooner = func.least(packages.c.next_on, due.excluded.next_on)
        await self._session.execute(due.on_conflict_do_update(index_elements=["code"], set_={"next_on": sooner}))

    async def due(self, on: date, limit: int) -> list[str]:
        """Codes of packages of which a version comes into force until this day, that nobody else settles right now."""
        query = select(packages.c.code).where(packages.c.next_on <= on).order_by(packages.c.code).limit(limit)
        return list((await self._session.execute(query.with_for_update(skip_locked=True))).scalars())

    async def looked_at(self, code: str, on: date) -> None:
        """Nothing of it is due before the next version that waits."""
        of_code = (package_versions.c.code == code, package_versions.c.effective_on > on)
        next_on = select(func.min(package_versions.c.effective_on)).where(*of_code).scalar_subquery()
        await self._session.execute(update(packages).where(packages.c.code == code).values(next_on=next_on))

    async def in_force(self, code: str, on: date) -> Published | None:
        query = select(package_versions).where(package_versions.c.code == code, package_versions.c.effective_on <= on)
        row = (await self._session.execute(query.order_by(package_versions.c.version.desc()).limit(1))).one_or_none()
        return published_of(row) if row else None


async def draft_of(session: ReadSession, code: str) -> Draft | None:
    row = (await session.execute(select(package_drafts).where(package_drafts.c.code == code))).one_or_none()
    if row is None:
        return None
    officers = tuple(OfficerId(each) for each in row.drafted_by)
    return Draft(_package(row), CreditCode(row.agency), row.revision, officers, row.drafted_at)


async def packages_in_force(session: ReadSession, *, on: date) -> list[Published]:
    """The newest version of each package that is in force on this day."""
    query = (
        select(package_versions)
        .ext(distinct_on(package_versions.c.code))
        .where(package_versions.c.effective_on <= on)
        .order_by(package_versions.c.code, package_versions.c.version.desc())
    )
    return list(_published(await session.execute(query)))


async def what_matters_say(session: ReadSession, some: Iterable[Package]) -> tuple[dict[str, Matter], dict[str, FormField]]:
    """The matters of these packages' steps that can be applied for now, and the dictionary of fields."""
    codes = {item.basic_code for package in some for item in package.items}
    rows = await session.execute(in_force(versions.c.basic_code, versions.c.content).where(matters.c.basic_code.in_(codes), IN_USE))
    found = dict(readable(Matter, ((row.basic_code, row.content) for row in rows), table="versions"))
    return found, await dictionary(session)


async def newest_packages(session: ReadSession) -> dict[str, Published]:
    """The version of each package that was published last, by code, whether it is in force by now or not."""
    query = select(package_versions).ext(distinct_on(package_versions.c.code))
    rows = await session.execute(query.order_by(package_versions.c.code, package_versions.c.version.desc()))
    return {each.package.code: each for each in _published(rows)}


def _published(rows: Iterable[Row[Any]]) -> Iterator[Published]:
    """Those that can be read."""
    for row in rows:
        try:
            yield published_of(row)
        except ValidationError as error:
            unreadable("package_versions", f"{row.code}/{row.version}", error)


def published_of(row: Row[Any]) -> Published:
    return Published(
        package=_package(row),
        agency=CreditCode(row.agency),
        version=row.version,
        revision=row.revision,
        drafted_by=tuple(OfficerId(each) for each in row.drafted_by),
        published_by=OfficerId(row.published_by),
        published_at=row.published_at,
        effective_on=row.effective_on,
    )


def _package(row: Row[Any]) -> Package:
    return Package.model_validate_json(json.dumps(row.content))
