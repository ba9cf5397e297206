"""Plain dependencies are found once, in their order, before the body; whatever needs a part of the request stays the framework's."""

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.testclient import TestClient

from chassis.errors import Forbidden
from chassis.http import Router, problems
from contracts.strict import Model


class Body(Model):
    text: str


async def who(request: Request) -> str:
    request.app.state.asked.append("who")
    return request.headers.get("who", "nobody")


async def check(who: Annotated[str, Depends(who)]) -> None:
    if who == "nobody":
        raise Forbidden("nobody is nobody")


async def greeting(who: Annotated[str, Depends(who)]) -> str:
    return f"hello {who}"


async def told(greeting: Annotated[str, Depends(greeting)], loud: Annotated[str, Header()] = "") -> str:
    return greeting.upper() if loud else greeting


def router() -> Router:
    made = Router()

    @made.post("/{place}/greetings", dependencies=[Depends(check)])
    async def greet(
        place: str,
        body: Body,
        who: Annotated[str, Depends(who)],
        greeting: Annotated[str, Depends(greeting)],
        response: Response,
        request: Request,
        times: int = 1,
    ) -> dict[str, Any]:
        response.headers["said-at"] = request.url.path
        return {"place": place, "text": body.text, "who": who, "greeting": [greeting] * times}

    @made.get("/told")
    async def tell(told: Annotated[str, Depends(told)], who: Annotated[str, Depends(who)]) -> list[str]:
        return [told, who]

    @made.get("/plain")
    async def plain() -> str:
        return "nothing asked"

    return made


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    # As `build_app` takes them: without what including adds, which is another dependant.
    app.router.routes.extend(router().routes)
    problems.install(app)
    app.state.asked = []
    return TestClient(app, headers={"who": "ann"})


def asked(client: TestClient) -> list[str]:
    found: list[str] = client.app.state.asked  # type: ignore[attr-defined]  # of a FastAPI
    return found


def test_a_route_gets_what_it_asks_for_and_each_is_found_once(client: TestClient) -> None:
    answer = client.post("/here/greetings?times=2", json={"text": "a"})
    assert answer.json() == {"place": "here", "text": "a", "who": "ann", "greeting": ["hello ann"] * 2}
    assert answer.headers["said-at"] == "/here/greetings"
    assert asked(client) == ["who"]


@pytest.mark.parametrize(("content", "status"), [(b"{", 400), (b'{"text": 1}', 422), (b'{"text": "a"}', 200)])
def test_who_may_not_is_told_so_before_what_was_sent_is_read(client: TestClient, content: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/here/greetings", content=content, headers=headers | {"who": "nobody"}).status_code == 403
    assert client.post("/here/greetings", content=content, headers=headers).status_code == status


def test_what_is_wrong_with_the_parts_is_all_told_at_once(client: TestClient) -> None:
    answer = client.post("/here/greetings?times=many", json={})
    assert [each["field"] for each in answer.json()["errors"]] == ["query.times", "body.text"]


def test_what_needs_a_part_of_the_request_is_found_by_the_framework(client: TestClient) -> None:
    assert client.get("/told").json() == ["hello ann", "ann"]
    assert client.get("/told", headers={"loud": "yes"}).json() == ["HELLO ANN", "ann"]
    assert client.get("/plain").json() == "nothing asked"


def test_the_document_says_the_same_as_without(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/{place}/greetings"]["post"]
    assert [each["name"] for each in operation["parameters"]] == ["place", "times"]
    assert "requestBody" in operation
