"""The route class of every service: bodies are parsed strictly, and only when they say that they are JSON."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, get_type_hints

from fastapi import APIRouter, Request, Response, params
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from chassis.aside import aside
from chassis.errors import UnsupportedMediaType
from chassis.http import strict_json
from chassis.http.asking import AskingRoute
from chassis.http.caller import authenticated

M = TypeVar("M", bound=BaseModel)


class StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json.parse(await self.body())


class StrictRoute(AskingRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)
        may_be_left_out = self.body_field is not None and not self.body_field.field_info.is_required()

        async def strict(request: Request) -> Response:
            if takes_json and not (may_be_left_out and _says_nothing(request)):
                _check_media_type(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


class LightRoute(StrictRoute):
    """For what is asked all day: an endpoint that takes `body`, `caller` and `request` and nothing else.

    FastAPI's resolving of dependencies and its own reading of the body are left out, and nothing of what they refuse.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        model, endpoint = get_type_hints(self.endpoint)["body"], self.endpoint
        checks = [each.dependency for each in self.dependencies if each.dependency is not None]

        async def light(request: Request) -> Response:
            _check_media_type(request)
            caller = await authenticated(request)
            for check in checks:
                await check(caller)
            response: Response = await endpoint(body=_body(model, await request.body()), caller=caller, request=request)
            return response

        return light


async def read_aside(model: type[M], request: Request) -> M:
    """The body of a request as this model, read on a thread of its own: thousands of rows take seconds, and others are served
    meanwhile. For a dependency; whoever may not ask is refused before anything is read."""
    _check_media_type(request)
    return await aside(_body, model, await request.body())


def _body(model: type[M], raw: bytes) -> M:
    try:
        return model.model_validate(strict_json.parse(raw))
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None


def _check_media_type(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("expected application/json")


def _says_nothing(request: Request) -> bool:
    return request.headers.get("content-length", "0") == "0" and not {"content-type", "transfer-encoding"} & set(request.headers)


class Router(APIRouter):
    """An `APIRouter` whose routes are strict."""

    def __init__(self) -> None:
        super().__init__(route_class=StrictRoute)


class LightRouter(APIRouter):
    """An `APIRouter` whose routes are light."""

    def __init__(self) -> None:
        super().__init__(route_class=LightRoute)
