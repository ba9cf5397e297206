from typing import Annotated

from fastapi import Depends, Query, Request, Response

from chassis.http import Audience, Clock, Database, Known, Router, guard
from chassis.working_days import local_day
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.values import BasicCode, DivisionCode, Grade
from services.catalogue.queries import lists, metrics
from services.catalogue.queries.views import Views

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)


async def _views(request: Request) -> Views:
    views: Views = request.app.state.views
    return views


KeptViews = Annotated[Views, Depends(_views)]


@router.get("/lists", **_READ)
async def all_lists() -> list[api.MatterList]:
    """Which lists of matters there are, the policy word each stands for, and how it follows from the catalogue."""
    return lists.all_lists()


@router.get("/lists/{code}", response_model=api.Listing, **_READ)
async def listing(
    code: api.ListCode,
    database: Database,
    views: KeptViews,
    known: Known,
    division: DivisionCode | None = None,
    after: BasicCode | None = None,
) -> Response:
    """One page of a list, each matter with what puts it there; an unchanged page answers 304."""
    async with database.reading() as session:
        page = await lists.listing(session, views, code, division=division, after=after)
    return known.answer(page)


@router.get("/metrics/catalogue", response_model=api.CatalogueMetrics, **_READ)
async def catalogue_metrics(
    database: Database,
    clock: Clock,
    views: KeptViews,
    division: DivisionCode | None = None,
    explain: api.MetricCode | None = None,
    after: Annotated[str | None, Query(max_length=50)] = None,
) -> api.CatalogueMetrics:
    """What the catalogue amounts to today, each metric with what was counted; `explain` lists what lowers one of them."""
    async with database.reading() as session:
        today = local_day(clock.now())
        return await metrics.catalogue_metrics(session, views, division=division, explain=explain, after=after, day=today)
