"""What the decision point answers. It reads nothing but the snapshot that the gateway itself decides by."""

import asyncio
import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final

from pydantic import ValidationError

from contracts.api.gateway import authzen
from gateway.policies.engine import Outcome
from gateway.registry.domain.evaluation import EvaluationIsNotReadable, World, completed

_PAGE: Final = 100
_SCANNED: Final = 1000
_AT_ONCE: Final = 25
"""So many decisions are made before others have their turn: each takes a tenth of a millisecond."""


def evaluated(world: World, said: authzen.Evaluation) -> authzen.Decided:
    question = world.question(said)
    if question is None:
        return authzen.Decided(
            decision=False, context=_version(world) | _reason("对象未登记，或与操作不符", "nothing of this kind is known here")
        )
    [outcome] = world.snapshot.policies.ask([question])
    return authzen.Decided(decision=outcome.is_granted, context=_version(world) | _because(world, outcome))


async def all_evaluated(world: World, said: authzen.Evaluations) -> authzen.AllDecided | authzen.Decided:
    """In the order asked; shorter than asked where the semantic ends it early. Raises EvaluationIsNotReadable."""
    if not said.evaluations:
        return evaluated(world, _evaluation(said.model_dump(include={"subject", "action", "resource", "context"}, exclude_none=True)))
    last = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(said.options.evaluations_semantic)
    decided: list[authzen.Decided] = []
    for each in completed(said):
        decided.append(_one_of_many(world, each))
        if decided[-1].decision is last:
            break
        if len(decided) % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return authzen.AllDecided(evaluations=decided)


def _one_of_many(world: World, each: dict[str, Any]) -> authzen.Decided:
    """One that cannot be read is denied and says so; the others are decided all the same."""
    try:
        return evaluated(world, _evaluation(each))
    except EvaluationIsNotReadable as reason:
        return authzen.Decided(decision=False, context={"error": {"status": 400, "message": reason.detail}})


def _evaluation(said: dict[str, Any]) -> authzen.Evaluation:
    try:
        return authzen.Evaluation.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        raise EvaluationIsNotReadable(wrong_fields(error)) from None


def wrong_fields(error: ValidationError) -> str:
    """Which fields, never what they hold."""
    return "; ".join(f"{'.'.join(str(part) for part in each['loc'])}: {each['type']}" for each in error.errors()[:10])


async def subjects(world: World, said: authzen.SubjectSearch) -> authzen.FoundEntities:
    kind, properties = said.subject.type, said.subject.properties

    def asked(key: str) -> authzen.Evaluation:
        subject = authzen.Thing(type=kind, id=key, properties=properties)
        return authzen.Evaluation(subject=subject, action=said.action, resource=said.resource, context=said.context)

    found, page = await _search(world, world.ids(kind), asked, said.page)
    return authzen.FoundEntities(results=[authzen.FoundEntity(type=kind, id=key) for key in found], page=page)


async def resources(world: World, said: authzen.ResourceSearch) -> authzen.FoundEntities:
    kind, properties = said.resource.type, said.resource.properties

    def asked(key: str) -> authzen.Evaluation:
        resource = authzen.Thing(type=kind, id=key, properties=properties)
        return authzen.Evaluation(subject=said.subject, action=said.action, resource=resource, context=said.context)

    found, page = await _search(world, world.ids(kind), asked, said.page)
    return authzen.FoundEntities(results=[authzen.FoundEntity(type=kind, id=key) for key in found], page=page)


async def actions(world: World, said: authzen.ActionSearch) -> authzen.FoundActions:
    def asked(name: str) -> authzen.Evaluation:
        return authzen.Evaluation(subject=said.subject, action=authzen.Act(name=name), resource=said.resource, context=said.context)

    found, page = await _search(world, world.actions_on(said.resource.type, said.resource.id), asked, said.page)
    return authzen.FoundActions(results=[authzen.FoundAction(name=name) for name in found], page=page)


async def _search(
    world: World, keys: Sequence[str], asked: Callable[[str], authzen.Evaluation], wanted: authzen.PageWanted
) -> tuple[list[str], authzen.PageGiven]:
    """Those that are granted, in order, from where the page before ended. A page may be short of its limit and not be the last."""
    start = bisect_right(keys, _read_token(wanted.token)) if wanted.token else 0
    limit = min(wanted.limit, _PAGE)
    found: list[str] = []
    for place, key in enumerate(keys[start:], start=1):
        if (question := world.question(asked(key))) and world.snapshot.policies.ask([question])[0].is_granted:
            found.append(key)
        if start + place < len(keys) and (len(found) == limit or place == _SCANNED):
            return found, authzen.PageGiven(next_token=_token(key), count=len(found))
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return found, authzen.PageGiven(next_token="", count=len(found))


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _read_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise EvaluationIsNotReadable("page.token: not one of this decision point") from None


def _version(world: World) -> dict[str, Any]:
    return {"policy_version": world.snapshot.policy_version}


def _because(world: World, outcome: Outcome) -> dict[str, Any]:
    if outcome.failures:
        return _reason("策略无法判定，按拒绝处理", "a policy could not be evaluated, which denies")
    if not outcome.policies:
        return _reason("没有策略准许", "no policy permits it")
    said: dict[str, Any] = {"policies": list(outcome.policies)}
    first = world.snapshot.policies.texts[outcome.policies[0]]
    return said if outcome.is_granted else said | _reason(first.zh, first.en)


def _reason(zh: str, en: str) -> dict[str, Any]:
    return {"reason_user": {"zh-CN": zh, "en": en}}


def configuration(base: str) -> authzen.DecisionPoint:
    def at(path: str) -> str:
        return f"{base}/access/v1/{path}"

    return authzen.DecisionPoint(
        policy_decision_point=base,
        access_evaluation_endpoint=at("evaluation"),
        access_evaluations_endpoint=at("evaluations"),
        search_subject_endpoint=at("search/subject"),
        search_resource_endpoint=at("search/resource"),
        search_action_endpoint=at("search/action"),
    )
