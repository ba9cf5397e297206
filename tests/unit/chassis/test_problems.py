import json
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from chassis.errors import Conflict, MalformedBody, NotFound, ServiceError, Unavailable
from chassis.http import Router, problems
from chassis.http.middleware import BODY_LIMIT_BYTES, RequestMiddleware
from contracts.headers import REQUEST_ID
from contracts.problems import MEDIA_TYPE, Problem, ProblemType, common
from contracts.strict import Line, Model

EMPTY = ProblemType("jar-empty", 409, "罐子空了", "The jar is empty")


class JarEmpty(Conflict):
    problem: ClassVar[ProblemType] = EMPTY


class Cookie(Model):
    name: Line
    weight_g: int


def app_that_raises(error: Exception) -> FastAPI:
    router = Router()

    @router.get("/jar")
    async def jar() -> str:
        raise error

    return app_of(router)


def app_of(router: Router) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    app.add_middleware(RequestMiddleware)
    problems.install(app)
    return app


async def ask(app: FastAPI, method: str = "GET", path: str = "/jar", **request: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        return await client.request(method, path, **request)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (JarEmpty("no cookies"), EMPTY),
        (NotFound(), common.NOT_FOUND),
        (MalformedBody("x"), common.MALFORMED_BODY),
        (ServiceError(), common.INTERNAL),
        (HTTPException(403), common.FORBIDDEN),
        (HTTPException(418), common.INTERNAL),
        (RuntimeError("secret 110101199001011234"), common.INTERNAL),
    ],
)
async def test_every_failure_is_a_problem_of_its_type(error: Exception, problem: ProblemType) -> None:
    answer = await ask(app_that_raises(error), headers={REQUEST_ID: "r-1"})
    said = Problem.model_validate_json(answer.content)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert (answer.status_code, said.status, said.code) == (problem.status, problem.status, problem.code)
    assert (said.title, said.titles.en, said.request_id) == (problem.zh, problem.en, "r-1")


async def test_the_title_follows_the_reader_and_extensions_stand_beside_it() -> None:
    answer = await ask(app_that_raises(JarEmpty("no cookies", jar="left")), headers={"accept-language": "en"})
    assert answer.json() == {
        "type": "/problems/jar-empty",
        "title": EMPTY.en,
        "titles": {"zh": EMPTY.zh, "en": EMPTY.en},
        "status": 409,
        "code": "jar-empty",
        "detail": "no cookies",
        "jar": "left",
    }


async def test_an_unexpected_failure_tells_nothing_of_itself() -> None:
    answer = await ask(app_that_raises(RuntimeError("secret 110101199001011234")))
    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize(("error", "after"), [(Unavailable("later"), "1"), (JarEmpty(), None)])
async def test_only_what_may_succeed_later_asks_to_come_again(error: Exception, after: str | None) -> None:
    assert (await ask(app_that_raises(error))).headers.get("retry-after") == after


def baking() -> FastAPI:
    router = Router()

    @router.post("/cookies")
    async def bake(body: Cookie) -> Cookie:
        return body

    return app_of(router)


async def test_wrong_fields_are_named_by_their_rule_and_never_echoed() -> None:
    answer = await ask(baking(), "POST", "/cookies", json={"name": "a\u202eb", "weight_g": "4242", "colour": "4343"})
    errors = {each["field"]: each["rule"] for each in answer.json()["errors"]}
    assert answer.status_code == common.INVALID_REQUEST.status
    assert errors == {"body.name": "value_error", "body.weight_g": "int_type", "body.colour": "extra_forbidden"}
    assert "4242" not in answer.text
    assert "4343" not in answer.text


async def test_no_more_than_twenty_wrong_fields_are_told() -> None:
    answer = await ask(baking(), "POST", "/cookies", json={f"field_{number}": 1 for number in range(50)})
    assert len(answer.json()["errors"]) == 20


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, common.MALFORMED_BODY),
        ({"content": b"{}", "headers": {"content-type": "text/plain"}}, common.UNSUPPORTED_MEDIA_TYPE),
        ({"content": b" " * (BODY_LIMIT_BYTES + 1), "headers": {"content-type": "application/json"}}, common.BODY_TOO_LARGE),
    ],
)
async def test_a_body_that_is_not_for_us_is_refused_before_it_is_read_as_one(request_: dict[str, Any], problem: ProblemType) -> None:
    answer = await ask(baking(), "POST", "/cookies", **request_)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (problem.status, problem.code)


@pytest.mark.parametrize(
    ("method", "path", "problem"), [("GET", "/nothing", common.NOT_FOUND), ("GET", "/cookies", common.METHOD_NOT_ALLOWED)]
)
async def test_what_the_framework_refuses_is_a_problem_too(method: str, path: str, problem: ProblemType) -> None:
    answer = await ask(baking(), method, path)
    assert (answer.status_code, answer.json()["code"]) == (problem.status, problem.code)
