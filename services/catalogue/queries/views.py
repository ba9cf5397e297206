"""What each version puts on lists and into metrics, read once and kept: a version never changes. Source: ADR-0044."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Text, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONPATH

from chassis.database import Database, ReadSession
from chassis.errors import ServiceError
from contracts.api.catalogue import ListCode, Matter, MetricCode, Reason
from contracts.values import BasicCode, DivisionCode
from services.catalogue.domain.lists import reasons_of
from services.catalogue.domain.matters import provenance_of
from services.catalogue.domain.metrics import Beside, Part, parts_of
from services.catalogue.domain.terms import as_in, divisions_that_differ
from services.catalogue.repository.stored import read
from services.catalogue.repository.versions import IN_USE, in_force
from services.catalogue.tables import implementations, versions

_READ_AT_ONCE: Final = 50
_LOOKS_EVERY_S: Final = 5.0

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A matter in force, as it is seen by lists and metrics."""

    basic_code: BasicCode
    version: int
    name: str
    illustrative: bool
    is_guided: bool
    reasons: dict[ListCode, tuple[Reason, ...]]
    parts: dict[MetricCode, Part]


@dataclass(frozen=True, slots=True)
class _Kept:
    everywhere: Seen
    differing: dict[DivisionCode, Seen]


class Views:
    """One for each process. What is no longer in force is forgotten."""

    def __init__(self) -> None:
        self._kept: dict[Key, _Kept | None] = {}
        self._reading = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def unreadable(self) -> int:
        """How many versions in force were left out, because they cannot be read."""
        return sum(each is None for each in self._kept.values())

    async def in_force(self, session: ReadSession, division: DivisionCode | None) -> list[Seen]:
        """Matters in force by code, all of them or those that agencies of the division implement, as these offer them."""
        kept = await self._catch_up(session)
        if division is None:
            return [each.everywhere for each in kept]
        here = set((await session.execute(select(implementations.c.basic_code).where(implementations.c.division == division))).scalars())
        return [each.differing.get(division, each.everywhere) for each in kept if each.everywhere.basic_code in here]

    async def read_ahead(self, database: Database, stop: asyncio.Event) -> None:
        """Read versions as they come into force, so that nobody who asks waits until many of them are read."""
        while not stop.is_set():
            # A database that is away now is asked again.
            with contextlib.suppress(ServiceError):
                async with database.reading() as session:
                    await self._catch_up(session)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOKS_EVERY_S):
                    await stop.wait()

    async def _catch_up(self, session: ReadSession) -> list[_Kept]:
        keys = await _keys(session)
        async with self._reading:
            missing = [key for key in keys if key not in self._kept]
            for first in range(0, len(missing), _READ_AT_ONCE):
                self._kept |= await _read(session, missing[first : first + _READ_AT_ONCE])
            if len(self._kept) > len(keys):
                self._kept = {key: self._kept[key] for key in keys}
            return [kept for key in keys if (kept := self._kept[key]) is not None]


async def _keys(session: ReadSession) -> list[Key]:
    """Code and version of what is in force."""
    query = in_force(versions.c.basic_code, versions.c.version).where(IN_USE).order_by(versions.c.basic_code)
    return [(row.basic_code, row.version) for row in await session.execute(query)]


async def _read(session: ReadSession, keys: Sequence[Key]) -> dict[Key, _Kept | None]:
    first, each = versions.alias(), versions.alias()
    required = func.jsonb_path_query_array(first.c.content, _path("$.materials[*] ? (@.is_required == true)"))
    earliest = select(func.min(each.c.version)).where(each.c.basic_code == first.c.basic_code).scalar_subquery()
    query = (
        select(
            cast(versions.c.content, Text).label("text"),
            versions.c.basic_code,
            versions.c.version,
            *guiding_of(versions.c.content, versions.c.form_fields),
            func.jsonb_array_length(required).label("first_required"),
        )
        .join(first, first.c.basic_code == versions.c.basic_code)
        .where(tuple_(versions.c.basic_code, versions.c.version).in_(keys), first.c.version == earliest)
    )
    return {(row.basic_code, row.version): _keep(row) for row in await session.execute(query)}


def guiding_of(content: ColumnElement[Any], form_fields: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Whether a version carries guiding at all, and what `Beside` says of it."""
    return [
        _has(content, "$.guiding ? (@ != null)").label("is_guided"),
        _has(content, "$.guiding.eligibility.rows[*]").label("prejudged"),
        _has(content, "$.guiding.prereview[*]").label("prereviewed"),
        _has(content, "$.guiding.situations.situations[*] ? (@.is_quick == true)").label("quick"),
        _has(form_fields, "$[*] ? (@.source != null)").label("prefilled"),
    ]


def _path(text: str) -> ColumnElement[Any]:
    return cast(text, JSONPATH)


def _has(content: ColumnElement[Any], path: str) -> ColumnElement[bool]:
    return func.jsonb_path_exists(content, _path(path))


def _keep(row: Row[Any]) -> _Kept | None:
    """Kept as None, too, so that it is told once."""
    matter = read(Matter, row.text, table="versions", key=f"{row.basic_code}/{row.version}")
    if matter is None:
        return None
    beside = Beside(row.prejudged, row.prereviewed, row.quick, row.prefilled, row.first_required)
    differing = {each: _see(as_in(matter, each), row, beside) for each in divisions_that_differ(matter)}
    return _Kept(_see(matter, row, beside), differing)


def _see(matter: Matter, row: Row[Any], beside: Beside) -> Seen:
    return Seen(
        basic_code=matter.basic_code,
        version=row.version,
        name=matter.name,
        illustrative=provenance_of(matter) == "illustrative",
        is_guided=row.is_guided,
        reasons=reasons_of(matter),
        parts=parts_of(matter, beside),
    )
