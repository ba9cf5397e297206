"""What a route asks for by type, found before the framework reads what was sent.

FastAPI walks the tree of dependencies anew for every request, and each in it once for every path that leads there. Those
that need nothing of the request's parts (a path, a query, a header, a body) are put in a row when the route is made.
"""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

_FOUND: Final = "tongban.found"
_REQUEST: Final = "request_of_the_route"


@dataclass(frozen=True, slots=True)
class _Step:
    """`needs` are argument → place of the step whose answer it is."""

    call: Callable[..., Coroutine[Any, Any, Any]]
    request_name: str | None
    needs: tuple[tuple[str, int], ...]


class _Row:
    """Steps in the order in which the framework would have come by them, each once."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self.names: list[tuple[str, int]] = []
        self._places: dict[Any, int] = {}

    def ask(self, wanted: Dependant) -> int:
        assert wanted.call is not None
        if wanted.call not in self._places:
            needs = tuple((str(each.name), self.ask(each)) for each in wanted.dependencies)
            self.steps.append(_Step(wanted.call, wanted.request_param_name, needs))
            self._places[wanted.call] = len(self.steps) - 1
        return self._places[wanted.call]

    async def find(self, request: Request) -> dict[str, Any]:
        found: list[Any] = []
        for step in self.steps:
            given = {name: found[place] for name, place in step.needs}
            if step.request_name is not None:
                given[step.request_name] = request
            found.append(await step.call(**given))
        return {name: found[place] for name, place in self.names}


class AskingRoute(APIRoute):
    """A route whose plain dependencies are found first: who may not call is told so before the body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        whole, row = self.dependant, _Row()
        for each in filter(_is_plain, whole.dependencies):
            place = row.ask(each)
            if each.name is not None:
                row.names.append((each.name, place))
        if not row.steps or not inspect.iscoroutinefunction(whole.call):
            return super().get_route_handler()
        # The document of the routes is written from the whole.
        self.dependant = _rest(whole)
        try:
            handle = super().get_route_handler()
        finally:
            self.dependant = whole

        async def asking(request: Request) -> Response:
            request.scope[_FOUND] = await row.find(request)
            return await handle(request)

        return asking


def _rest(whole: Dependant) -> Dependant:
    """What is left to the framework, with an endpoint that takes the answers found before."""
    endpoint, own_name = whole.call, whole.request_param_name
    assert endpoint is not None

    async def answered(**values: Any) -> Any:
        request = values[own_name] if own_name else values.pop(_REQUEST)
        return await endpoint(**values, **request.scope[_FOUND])

    left = [each for each in whole.dependencies if not _is_plain(each)]
    return replace(whole, dependencies=left, call=answered, request_param_name=own_name or _REQUEST)


def _is_plain(wanted: Dependant) -> bool:
    parts = (
        *(wanted.path_params, wanted.query_params, wanted.header_params, wanted.cookie_params, wanted.body_params),
        *(wanted.websocket_param_name, wanted.http_connection_param_name, wanted.response_param_name),
        *(wanted.background_tasks_param_name, wanted.security_scopes_param_name, wanted.own_oauth_scopes),
        *(wanted.scope, wanted.concurrency),
    )
    is_alone = not any(parts) and wanted.use_cache and inspect.iscoroutinefunction(wanted.call)
    return is_alone and all(map(_is_plain, wanted.dependencies))
