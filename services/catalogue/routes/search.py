from typing import Annotated

from fastapi import Depends, Query, Request

from chassis.http import Audience, Router, guard
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import DivisionCode, Grade
from services.catalogue.domain.search.entries import Narrowed
from services.catalogue.queries import search as queries

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)


async def _finder(request: Request) -> queries.Finder:
    finder: queries.Finder = request.app.state.finder
    return finder


async def _narrowed(
    division: DivisionCode | None = None,
    theme: Annotated[str | None, Query(max_length=50)] = None,
    level: Annotated[int | None, Query(ge=1, le=7)] = None,
    channel: api.Channel | None = None,
    served: api.Served | None = None,
    is_immediate: bool | None = None,
    most_visits: Annotated[int | None, Query(ge=0, le=5)] = None,
) -> Narrowed:
    return Narrowed(None, division, theme, level, channel, served, is_immediate, most_visits)


Finder = Annotated[queries.Finder, Depends(_finder)]
Asked = Annotated[Narrowed, Depends(_narrowed)]
Words = Annotated[str, Query(max_length=50)]
After = Annotated[int, Query(ge=0, le=10_000)]


@router.get("/matters", **_READ)
async def search(finder: Finder, asked: Asked, q: Words = "", after: After = 0, one_each: bool = False) -> Page[api.Found]:
    """Find implementations of matters in Chinese, by colloquial name, pinyin or initials; `one_each` names the nearest place of each."""
    return await queries.matters(finder, q, asked.of("matter"), offset=after, one_each=one_each)


@router.get("/matters/search", **_READ)
async def anything(
    finder: Finder,
    asked: Asked,
    q: Words = "",
    after: After = 0,
    kind: Annotated[list[api.SearchKind] | None, Query(max_length=3)] = None,
    facets: bool = False,
) -> api.Matches:
    """Find matters, life-event packages and guides, one result each, with why it was found; a wrong character does no harm."""
    return await queries.anything(finder, q, asked.of(*kind or ()), offset=after, with_facets=facets)


@router.get("/matters/suggestions", **_READ)
async def suggestions(finder: Finder, q: Annotated[str, Query(min_length=1, max_length=50)]) -> list[api.Suggestion]:
    """Ten names at most for what is being typed, in characters, pinyin or initials."""
    return await finder.suggest(q)
