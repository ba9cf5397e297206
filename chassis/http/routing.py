"""The route class of every service: bodies are parsed strictly, and only when they say that they are JSON."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response, params
from fastapi.routing import APIRoute

from chassis.errors import UnsupportedMediaType
from chassis.http import strict_json


class StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json.parse(await self.body())


class StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        async def strict(request: Request) -> Response:
            if takes_json and not _says_json(request):
                raise UnsupportedMediaType("expected application/json")
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def _says_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


class Router(APIRouter):
    """An `APIRouter` whose routes are strict."""

    def __init__(self) -> None:
        super().__init__(route_class=StrictRoute)
