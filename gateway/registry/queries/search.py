import asyncio
import functools
import json
from pathlib import Path
from typing import Final
from urllib.parse import quote

from contracts.api import catalogue
from contracts.api.gateway import portal as api
from contracts.strict import Page
from gateway.registry.compositions import Compositions
from gateway.registry.domain.search import Service, matching

_PAGE: Final = 20
_PACKAGE_ZH: Final = "一件事一次办：一次申请，联合办理"
_PACKAGE_EN: Final = "One application for several matters"
_SEED: Final = Path(__file__).parents[1] / "seed" / "portal_services.json"


@functools.cache
def services() -> tuple[Service, ...]:
    """The services of the portal, the most wanted first."""
    return tuple(Service(**{**each, "keywords": tuple(each["keywords"])}) for each in json.loads(_SEED.read_text()))


async def search(compositions: Compositions, text: str, *, kind: api.Kind | None, after: int, request_id: str) -> api.Search:
    """All kinds, or the page `after` of one. Kinds that cannot be searched now are named."""
    async with asyncio.TaskGroup() as group:
        matters = group.create_task(compositions.matters(text, str(after), request_id)) if kind in {None, "matters"} else None
        guides = group.create_task(compositions.guides(text, str(after), request_id)) if kind in {None, "guides"} else None
    found_matters, found_guides = matters and matters.result(), guides and guides.result()
    asked: tuple[tuple[api.Kind, object, object], ...] = (("matters", matters, found_matters), ("guides", guides, found_guides))
    return api.Search(
        services=services_found(text, after) if kind in {None, "services"} else api.Hits(),
        matters=matters_found(found_matters) if found_matters else api.Hits(),
        guides=guides_found(found_guides) if found_guides else api.Hits(),
        unavailable=[name for name, task, found in asked if task and found is None],
    )


def services_found(text: str, after: int) -> api.Hits:
    found = matching(services(), text)
    page = found[after : after + _PAGE]
    hits = [
        api.Hit(
            kind="services",
            code=each.code,
            title_zh=each.zh,
            title_en=each.en,
            snippet_zh=each.says_zh,
            snippet_en=each.says_en,
            link=each.link,
        )
        for each in page
    ]
    return api.Hits(items=hits, next=str(after + _PAGE) if len(found) > after + _PAGE else None)


def matters_found(page: catalogue.Matches) -> api.Hits:
    """One hit for each matter, whichever places implement it, and for each package of matters."""
    hits = [
        api.Hit(
            kind="matters",
            code=each.code,
            title_zh=each.name,
            snippet_zh=_PACKAGE_ZH if each.kind == "package" else _promise_zh(each),
            snippet_en=_PACKAGE_EN if each.kind == "package" else _promise_en(each),
            link=f"/packages/{each.code}" if each.kind == "package" else f"/matters?q={quote(each.name, safe='')}",
        )
        for each in page.items
    ]
    return api.Hits(items=hits, next=page.next)


def guides_found(page: Page[catalogue.Found]) -> api.Hits:
    """One hit for each guide: a matter as one agency implements it."""
    hits = [
        api.Hit(
            kind="guides",
            code=each.task_code,
            title_zh=f"{each.name}（{each.agency_name}）",
            snippet_zh=f"{each.agency_name}：{_promise_zh(each)}",
            snippet_en=f"Division {each.division}: {_promise_en(each)}",
            link=f"/matters/{each.task_code}",
        )
        for each in page.items
    ]
    return api.Hits(items=hits, next=page.next)


def _promise_zh(found: catalogue.Found | catalogue.Match) -> str:
    limit = "即办" if found.is_immediate else f"承诺 {found.promised_working_days} 个工作日"
    return f"{limit}，到场 {found.visits} 次" + ("（示例，未经部门确认）" if found.illustrative else "")


def _promise_en(found: catalogue.Found | catalogue.Match) -> str:
    limit = "done at once" if found.is_immediate else f"{found.promised_working_days} working days promised"
    return f"{limit}, {found.visits} visits" + (" (illustrative, not confirmed by a department)" if found.illustrative else "")
