from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.values import BasicCode, CreditCode, DivisionCode, TaskCode
from services.catalogue.domain.lists import DEFINITIONS
from services.catalogue.queries.views import Seen, Views
from services.catalogue.tables import agencies, implementations

_PAGE = 50


def all_lists() -> list[api.MatterList]:
    return [each.said for each in DEFINITIONS.values()]


async def listing(
    session: ReadSession, views: Views, code: api.ListCode, *, division: DivisionCode | None, after: BasicCode | None
) -> api.Listing:
    """One page of a list as it follows from what is in force now; of a division: what its agencies implement, as they offer it."""
    found = [each for each in await views.in_force(session, division) if code in each.reasons]
    page = [each for each in found if after is None or each.basic_code > after][: _PAGE + 1]
    shown = page[:_PAGE]
    return api.Listing(
        about=DEFINITIONS[code].said,
        division=division,
        total=len(found),
        items=await _items(session, shown, code, division),
        next=shown[-1].basic_code if len(page) > _PAGE else None,
    )


async def _items(session: ReadSession, seen: Sequence[Seen], code: api.ListCode, division: DivisionCode | None) -> list[api.Listed]:
    of = implementations.c.basic_code
    query = (
        select(implementations, agencies.c.name.label("agency_name"), func.count().over(partition_by=of).label("implementations"))
        .join(agencies, agencies.c.code == implementations.c.agency)
        .where(of.in_([each.basic_code for each in seen]))
        .ext(distinct_on(of))
        .order_by(of, implementations.c.level, implementations.c.task_code)
    )
    if division is not None:
        query = query.where(implementations.c.division == division)
    highest = {row.basic_code: row for row in await session.execute(query)}
    return [
        api.Listed(
            basic_code=each.basic_code,
            version=each.version,
            name=each.name,
            matter_type=each.basic_code.matter_type,
            task_code=TaskCode(row.task_code),
            agency=CreditCode(row.agency),
            agency_name=row.agency_name,
            division=DivisionCode(row.division),
            implementations=row.implementations,
            illustrative=each.illustrative,
            reasons=list(each.reasons[code]),
        )
        for each in seen
        if (row := highest.get(each.basic_code)) is not None
    ]
