import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Text, cast, func, select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from services.catalogue.repository.packages import newest_packages
from services.catalogue.repository.points import points_by_code
from services.catalogue.repository.versions import dictionary, newest
from services.catalogue.tables import agencies, changes, divisions, matters, versions

_TABLES: Final = ("divisions", "agencies", "fields", "packages", "points")
_KEPT: Final = matters.c.state != "retired"


@dataclass(frozen=True, slots=True)
class Base:
    """What stands beside the matters, and by what a copy of all of it is known again."""

    divisions: Sequence[api.Division]
    agencies: Sequence[api.Agency]
    fields: Sequence[api.FormField]
    packages: Sequence[api.Package]
    points: Sequence[api.ServicePoint]
    tag: str = ""

    def members(self) -> dict[str, list[dict[str, Any]]]:
        return {name: [each.model_dump(mode="json") for each in getattr(self, name)] for name in _TABLES}


async def base(session: ReadSession) -> Base:
    """Cheap beside the matters themselves: a client that has the copy already is told so by this."""
    divisions_ = [api.Division.model_validate(row._asdict()) for row in await session.execute(select(divisions).order_by(divisions.c.code))]
    agencies_ = [api.Agency.model_validate(row._asdict()) for row in await session.execute(select(agencies).order_by(agencies.c.code))]
    fields_ = list((await dictionary(session)).values())
    last = select(func.coalesce(func.max(changes.c.place), 0)).scalar_subquery()
    count = select(func.count()).select_from(matters).where(_KEPT).scalar_subquery()
    place, kept = (await session.execute(select(last, count))).one()
    packages = [each.package for each in (await newest_packages(session)).values()]
    points = [each for _, each in sorted((await points_by_code(session)).items())]
    found = Base(divisions_, agencies_, fields_, packages, points)
    said = json.dumps([place, kept, found.members()], ensure_ascii=False, sort_keys=True)
    return replace(found, tag=hashlib.sha256(said.encode()).hexdigest()[:32])


async def contents(session: ReadSession) -> list[str]:
    """The newest version of every matter that is not retired, as JSON texts, by basic code."""
    query = newest(cast(versions.c.content, Text)).where(_KEPT).order_by(versions.c.basic_code)
    return list((await session.execute(query)).scalars())
