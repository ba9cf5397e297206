from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import select, text

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.problems import Titles
from contracts.values import DivisionCode
from services.catalogue.domain.metrics import Part, metric, unavailable
from services.catalogue.domain.windows import windows_of
from services.catalogue.queries.views import Seen, Views
from services.catalogue.repository.stored import readable
from services.catalogue.tables import service_points

_PAGE: Final = 100
_WHY_NOT: Final = {
    api.MetricCode.COMPREHENSIVE_WINDOWS: Titles(zh="尚未导入大厅窗口", en="no windows of halls were imported yet"),
    api.MetricCode.EASY: Titles(zh="尚无带精准指引的事项版本", en="no version of a matter carries guiding yet"),
    api.MetricCode.FAST: Titles(zh="尚无带精准指引的事项版本", en="no version of a matter carries guiding yet"),
    api.MetricCode.PACKAGES: Titles(
        zh="全市尚未发布一件事，或按区划不作统计", en="no package was published yet, or a division was asked for"
    ),
}
_GUIDED: Final = frozenset({api.MetricCode.EASY, api.MetricCode.FAST})
_NOT_ONLINE: Final = Titles(zh="计划中，尚不能办理", en="planned; it cannot be applied for yet")
_PACKAGES: Final = text(
    """SELECT DISTINCT ON (code) code, content ->> 'name' AS name, content -> 'items' <> '[]' AS is_online
    FROM package_versions WHERE effective_on <= :day ORDER BY code, version DESC"""
)

Counted = tuple[str, str, Part]
"""Of a matter, window or package: its code, its name, and what it adds."""


async def catalogue_metrics(
    session: ReadSession, views: Views, *, division: DivisionCode | None, explain: api.MetricCode | None, after: str | None, day: date
) -> api.CatalogueMetrics:
    """Every metric of the city or of a division, counted from what is in force now; `explain` lists what lowers one of them."""
    seen = await views.in_force(session, division)
    beside = {api.MetricCode.COMPREHENSIVE_WINDOWS: await _windows(session, division)}
    if division is None:
        beside[api.MetricCode.PACKAGES] = await _packages(session, day)
    return api.CatalogueMetrics(
        day=day,
        division=division,
        metrics=[_metric(code, beside.get(code) or _of_matters(seen, code)) for code in api.MetricCode],
        explained=None if explain is None else _explained(explain, beside.get(explain) or _of_matters(seen, explain), after),
    )


def _metric(code: api.MetricCode, counted: Sequence[Counted]) -> api.Metric:
    if not counted and code in _WHY_NOT:
        return unavailable(code, _WHY_NOT[code])
    return metric(code, [part for *_, part in counted])


def _explained(code: api.MetricCode, counted: Sequence[Counted], after: str | None) -> api.Explained:
    lacking = [
        api.NotCounted(code=of, name=name, numerator=part.numerator, denominator=part.denominator, why=part.why)
        for of, name, part in counted
        if part.numerator < part.denominator
    ]
    page = [each for each in lacking if after is None or each.code > after][: _PAGE + 1]
    return api.Explained(metric=code, total=len(lacking), items=page[:_PAGE], next=page[_PAGE - 1].code if len(page) > _PAGE else None)


def _of_matters(seen: Sequence[Seen], code: api.MetricCode) -> list[Counted]:
    if code in _GUIDED and not any(each.is_guided for each in seen):
        return []
    return [(each.basic_code, each.name, each.parts[code]) for each in seen if code in each.parts]


async def _windows(session: ReadSession, division: DivisionCode | None) -> list[Counted]:
    """Windows of halls that serve, by code."""
    query = select(service_points.c.code, service_points.c.content).where(service_points.c.kind == "window").order_by(service_points.c.code)
    if division is not None:
        query = query.where(service_points.c.division == division)
    rows = [(row.code, row.content) for row in await session.execute(query)]
    points = readable(api.ServicePoint, rows, table="service_points")
    return [(each.code, each.zh, windows_of(each)) for _, each in points if each.purpose == "service"]


async def _packages(session: ReadSession, day: date) -> list[Counted]:
    """Packages in force 一件事, by code: online are those that have steps, the others are planned."""
    rows = await session.execute(_PACKAGES, {"day": day})
    return [(row.code, row.name, Part(int(row.is_online), 1, _NOT_ONLINE)) for row in rows]
