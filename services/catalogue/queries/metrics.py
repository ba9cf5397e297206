import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.problems import Titles
from contracts.values import DivisionCode
from services.catalogue.domain.metrics import RULES, metric, unavailable
from services.catalogue.domain.windows import windows_of
from services.catalogue.queries.views import Seen, Views
from services.catalogue.tables import service_points

_PAGE = 100
_NO_WINDOWS = Titles(zh="尚未导入大厅窗口", en="no windows of halls were imported yet")
_NO_GUIDING = Titles(zh="尚无带精准指引的事项版本", en="no version of a matter carries guiding yet")
_NO_PACKAGES = Titles(zh="尚未导入一件事", en="no packages were imported yet")
_GUIDED = frozenset({api.MetricCode.EASY, api.MetricCode.FAST})


async def catalogue_metrics(
    session: ReadSession, views: Views, *, division: DivisionCode | None, explain: api.MetricCode | None, after: str | None, day: date
) -> api.CatalogueMetrics:
    """Every metric of the city or of a division, counted from what is in force now; `explain` lists what lowers one of them."""
    seen = await views.in_force(session, division)
    windows = await _windows(session, division)
    metrics = [_metric(code, seen, windows) for code in api.MetricCode]
    explained = None if explain is None else _explained(explain, seen, windows, after)
    return api.CatalogueMetrics(day=day, division=division, metrics=metrics, explained=explained)


def _metric(code: api.MetricCode, seen: Sequence[Seen], windows: Sequence[api.ServicePoint]) -> api.Metric:
    if code is api.MetricCode.PACKAGES:
        return unavailable(code, _NO_PACKAGES)
    if code is api.MetricCode.COMPREHENSIVE_WINDOWS:
        return metric(code, [windows_of(each) for each in windows]) if windows else unavailable(code, _NO_WINDOWS)
    if code in _GUIDED and not any(each.is_guided for each in seen):
        return unavailable(code, _NO_GUIDING)
    return metric(code, [each.parts[code] for each in seen if code in each.parts])


def _explained(code: api.MetricCode, seen: Sequence[Seen], windows: Sequence[api.ServicePoint], after: str | None) -> api.Explained:
    if code is api.MetricCode.COMPREHENSIVE_WINDOWS:
        parts = [(each.code, each.zh, windows_of(each)) for each in windows]
    else:
        parts = [(str(each.basic_code), each.name, each.parts[code]) for each in seen if code in RULES and code in each.parts]
    lacking = [
        api.NotCounted(code=of, name=name, numerator=part.numerator, denominator=part.denominator, why=part.why)
        for of, name, part in parts
        if part.numerator < part.denominator
    ]
    page = [each for each in lacking if after is None or each.code > after][: _PAGE + 1]
    return api.Explained(metric=code, total=len(lacking), items=page[:_PAGE], next=page[_PAGE - 1].code if len(page) > _PAGE else None)


async def _windows(session: ReadSession, division: DivisionCode | None) -> list[api.ServicePoint]:
    """Windows of halls that serve, by code."""
    query = select(service_points.c.content).where(service_points.c.kind == "window").order_by(service_points.c.code)
    if division is not None:
        query = query.where(service_points.c.division == division)
    points = [api.ServicePoint.model_validate_json(json.dumps(content)) for content in (await session.execute(query)).scalars()]
    return [each for each in points if each.purpose == "service"]
