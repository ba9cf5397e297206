"""The standard decision API, for systems that want the mesh's own word on who may do what. Source: OpenID AuthZEN 1.0.

A body that is not as the standard says is answered with 400, whatever is wrong with it (section 10.1), and unknown
fields are passed over: so bodies are read here instead of by the strict routes.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ValidationError

from chassis.errors import MalformedBody, ServiceError
from chassis.http import Audience, Caller, Router, guard, problems, strict_json
from chassis.http.routing import StrictRoute
from contracts.api.gateway import authzen
from contracts.permissions import Permission
from contracts.values import Grade
from gateway.registry.domain.evaluation import EvaluationIsNotReadable, World
from gateway.registry.queries import evaluation as queries

M = TypeVar("M", bound=BaseModel)


class EchoingRoute(StrictRoute):
    """The number that the asking system gave its request goes back to it, also with a refusal (section 10.1.3)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def echoing(request: Request) -> Response:
            try:
                answer = await handle(request)
            except ServiceError as error:
                answer = problems.render(request, error.problem, detail=error.detail, **error.extensions)
            if number := request.headers.get("x-request-id"):
                answer.headers["x-request-id"] = number
            return answer

        return echoing


router = Router()
router.route_class = EchoingRoute


def _asked(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    async def read(request: Request) -> M:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise EvaluationIsNotReadable("the content type must be application/json")
        try:
            return model.model_validate(strict_json.parse(await request.body()))
        except ValidationError as error:
            raise EvaluationIsNotReadable(queries.wrong_fields(error)) from None
        except MalformedBody as reason:
            raise EvaluationIsNotReadable(reason.detail) from None

    return read


async def _world(request: Request, caller: Caller) -> World:
    return World(request.app.state.snapshots.current(), caller.required_party())


Known = Annotated[World, Depends(_world)]


def _guard(model: type[BaseModel]) -> dict[str, Any]:
    """With the body in the document, which reading it here would leave out."""
    said = guard(Permission.DECISION_EVALUATE, audience=Audience.PARTY)
    body = {"required": True, "content": {"application/json": {"schema": _inlined(model.model_json_schema())}}}
    return said | {"openapi_extra": said["openapi_extra"] | {"requestBody": body}}


def _inlined(schema: dict[str, Any]) -> Any:
    definitions = schema.pop("$defs", {})

    def inline(value: Any) -> Any:
        if isinstance(value, dict):
            own = {name: inline(each) for name, each in value.items() if name != "$ref"}
            return inline(definitions[value["$ref"].rpartition("/")[2]]) | own if "$ref" in value else own
        return [inline(each) for each in value] if isinstance(value, list) else value

    return inline(schema)


@router.get("/.well-known/authzen-configuration", **guard(Permission.PORTAL_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def authzen_configuration(request: Request) -> authzen.DecisionPoint:
    """Where the decision point's endpoints are."""
    return queries.configuration(request.app.state.public_url.rstrip("/"))


@router.post("/access/v1/evaluation", **_guard(authzen.Evaluation))
async def evaluation(said: Annotated[authzen.Evaluation, Depends(_asked(authzen.Evaluation))], world: Known) -> authzen.Decided:
    """May this subject do this to that resource?

    Subjects are of type `party` (its id), or `person` and `organisation`, for whom the asking party calls (properties as
    `assurance`, `mandate`, `fresh`). Resources are of type `route` (`POST /cases`, or a path that leads to one), actions
    are permissions. A version of the policies may name further types. The answer says by which policies it was decided.
    """
    return queries.evaluated(world, said)


@router.post("/access/v1/evaluations", **_guard(authzen.Evaluations))
async def evaluations(
    said: Annotated[authzen.Evaluations, Depends(_asked(authzen.Evaluations))], world: Known
) -> authzen.AllDecided | authzen.Decided:
    """Several of them at once, each with what it leaves out taken from above."""
    return await queries.all_evaluated(world, said)


@router.post("/access/v1/search/subject", **_guard(authzen.SubjectSearch))
async def search_subject(
    said: Annotated[authzen.SubjectSearch, Depends(_asked(authzen.SubjectSearch))], world: Known
) -> authzen.FoundEntities:
    """Who may do this to that resource?"""
    return await queries.subjects(world, said)


@router.post("/access/v1/search/resource", **_guard(authzen.ResourceSearch))
async def search_resource(
    said: Annotated[authzen.ResourceSearch, Depends(_asked(authzen.ResourceSearch))], world: Known
) -> authzen.FoundEntities:
    """To which resources may this subject do this?"""
    return await queries.resources(world, said)


@router.post("/access/v1/search/action", **_guard(authzen.ActionSearch))
async def search_action(said: Annotated[authzen.ActionSearch, Depends(_asked(authzen.ActionSearch))], world: Known) -> authzen.FoundActions:
    """What may this subject do to that resource?"""
    return await queries.actions(world, said)
