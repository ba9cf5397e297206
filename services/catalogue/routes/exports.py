import json
from collections.abc import AsyncIterator
from typing import Final, Literal

from fastapi import Response
from fastapi.responses import StreamingResponse

from chassis.aside import aside
from chassis.http import Audience, Database, Known, Router, guard
from chassis.http.conditional import headers_of
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.values import Grade
from services.catalogue.domain.spreadsheets import exchange
from services.catalogue.domain.spreadsheets.workbook import MEDIA_TYPE
from services.catalogue.queries import exports as queries

router = Router()

_AT_ONCE: Final = 100


@router.get(
    "/catalogue/export",
    response_model=api.ImportCatalogue,
    **guard(Permission.MATTER_EXPORT, audience=Audience.PARTY, grade=Grade.PUBLIC),
)
async def export(database: Database, known: Known, format: Literal["json", "xlsx"] = "json") -> Response:  # noqa: A002 (the name in the query)
    """Everything as an import takes it: the newest version of every matter that is not retired, and what stands beside them."""
    async with database.reading() as session:
        base = await queries.base(session)
        headers = headers_of(f'"{base.tag}-{format}"') | {"content-disposition": f'attachment; filename="catalogue.{format}"'}
        if (unchanged := known.unchanged(headers)) is not None:
            return unchanged
        contents = await queries.contents(session)
    if format == "json":
        return StreamingResponse(_pieces(base, contents), headers=headers, media_type="application/json")
    return Response(await aside(_workbook, base, contents), headers=headers, media_type=MEDIA_TYPE)


async def _pieces(base: queries.Base, contents: list[str]) -> AsyncIterator[str]:
    yield json.dumps(base.members(), ensure_ascii=False)[:-1] + ', "matters": ['
    for start in range(0, len(contents), _AT_ONCE):
        yield (", " if start else "") + ", ".join(contents[start : start + _AT_ONCE])
    yield "]}"


def _workbook(base: queries.Base, contents: list[str]) -> bytes:
    return exchange.give(base.members() | {"matters": [json.loads(each) for each in contents]})
