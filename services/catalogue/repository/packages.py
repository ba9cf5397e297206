"""Packages as rows: drafts change, published versions do not."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.api.catalogue import FormField, Matter, Package
from contracts.values import CreditCode, OfficerId
from services.catalogue.repository.versions import IN_USE, dictionary, in_force
from services.catalogue.tables import matters, package_drafts, package_versions, versions


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

    async def publish(self, one: Published) -> None:
        """The draft becomes a version and is gone."""
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
        await self._session.execute(delete(package_drafts).where(package_drafts.c.code == one.package.code))


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
    return [published_of(row) for row in await session.execute(query)]


async def what_matters_say(session: ReadSession, packages: Iterable[Package]) -> tuple[dict[str, Matter], dict[str, FormField]]:
    """The matters of these packages' steps that can be applied for now, and the dictionary of fields."""
    codes = {item.basic_code for package in packages for item in package.items}
    rows = await session.execute(in_force(versions.c.basic_code, versions.c.content).where(matters.c.basic_code.in_(codes), IN_USE))
    found = {row.basic_code: Matter.model_validate_json(json.dumps(row.content)) for row in rows}
    return found, await dictionary(session)


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
