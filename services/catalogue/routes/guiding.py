import asyncio
from typing import Annotated

from fastapi import Query, Response

from chassis.errors import ServiceError
from chassis.http import Audience, Caller, Clock, Database, Fetched, Known, Mesh, MeshClient, Router, disclose_fetched, guard
from chassis.http.caller import KnownCaller
from chassis.working_days import local_day
from contracts.api import catalogue as api
from contracts.api.certificate import AskHoldings, Holding
from contracts.api.identity.persons import Profile
from contracts.permissions import Permission
from contracts.strict import Answer
from contracts.values import CertificateTypeCode, Grade, TaskCode
from services.catalogue.domain.matters import MatterNotInMandate
from services.catalogue.domain.situations import AnswersNotPossible
from services.catalogue.queries import guiding as queries

router = Router()

_PUBLIC = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)
_FOR_ANYBODY = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PERSONAL)
"""Nobody has to be signed on; of whoever is, the answer says what the city knows."""

Chosen = Annotated[list[Annotated[str, Query(pattern=r"^[a-z][a-z0-9-]{1,40}:[a-z][a-z0-9-]{1,40}$")]], Query(max_length=60)]
"""`question:option`, once for each question that is answered."""


@router.get("/matters/{task_code}/situations", response_model=api.SituationTree, **_PUBLIC)
async def situations(task_code: TaskCode, database: Database, clock: Clock, known: Known) -> Response:
    """The question tree of a matter, with the situations in which it ends."""
    async with database.reading() as session:
        found = await queries.tree(session, task_code, at=clock.now())
    return known.answer(found)


@router.get("/matters/{task_code}/guide", response_model=api.PersonalGuide, **_FOR_ANYBODY)
async def guide(
    task_code: TaskCode,
    caller: Caller,
    database: Database,
    mesh: Mesh,
    clock: Clock,
    known: Known,
    answer: Chosen = [],  # noqa: B006 (FastAPI copies a default)
) -> Response:
    """The guide of whoever gives these answers, or the question that comes next. Without a person it says the same to everybody."""
    _check_mandate(caller, task_code)
    async with database.reading() as session:
        said = await queries.personal(session, task_code, _answers(answer), at=clock.now())
    held = None if said.reached.question else await _holdings(mesh, caller, said.types(), f"guide {task_code}")
    found = queries.personal_guide(said, _by_type(held))
    if held is None:
        return known.answer(found)
    return disclose_fetched(_private(found), held)


@router.get("/matters/{task_code}/eligibility", response_model=api.ReadableTable, **_PUBLIC)
async def table(task_code: TaskCode, database: Database, clock: Clock, known: Known) -> Response:
    """The table by which it is told who may apply, row by row in plain sentences."""
    async with database.reading() as session:
        said = await queries.judging(session, task_code, at=clock.now())
    return known.answer(queries.readable(said))


@router.get("/matters/{task_code}/eligibility/text", response_class=Response, **_PUBLIC)
async def text(task_code: TaskCode, database: Database, clock: Clock) -> Response:
    """The same table as a text in Markdown, to be read and signed by whoever answers for it."""
    async with database.reading() as session:
        said = await queries.judging(session, task_code, at=clock.now())
    return Response(queries.as_text(queries.readable(said)), media_type="text/markdown; charset=utf-8")


@router.post("/matters/{task_code}/eligibility", **_FOR_ANYBODY)
async def judge(
    task_code: TaskCode, body: api.AskEligibility, caller: Caller, database: Database, mesh: Mesh, clock: Clock, response: Response
) -> api.Eligibility:
    """Whether I may apply: yes, no or unknown, with the reason and the rule. Nothing is kept of what is said here.

    Of a person who is signed on, what is not given is taken from what the city knows; without that it is unknown.
    """
    return await _judged(task_code, body, caller, database, mesh, clock, response)


@router.post("/matters/{task_code}/judgement", **guard(audience=Audience.INTERNAL, services=("application",), grade=Grade.PERSONAL))
async def judge_before_intake(
    task_code: TaskCode, body: api.AskEligibility, caller: Caller, database: Database, mesh: Mesh, clock: Clock, response: Response
) -> api.Eligibility:
    """The same for intake, which tells it to the applicant and keeps what it told."""
    return await _judged(task_code, body, caller, database, mesh, clock, response)


async def _judged(
    task_code: TaskCode, body: api.AskEligibility, caller: Caller, database: Database, mesh: Mesh, clock: Clock, response: Response
) -> api.Eligibility:
    _check_mandate(caller, task_code)
    async with database.reading() as session:
        said = await queries.judging(session, task_code, at=clock.now())
    queries.check_given(said, body.inputs)
    purpose = f"eligibility {task_code}"
    profile, held = await asyncio.gather(
        _profile(mesh, caller, purpose, is_asked=said.asks_identity(body.inputs)), _holdings(mesh, caller, said.types(body.inputs), purpose)
    )
    disclose_fetched(response, *(each for each in (profile, held) if each is not None))
    known = queries.filled_in(said, profile.value if profile else None, held.value if held else None, today=local_day(clock.now()))
    given = {name: api.UsedInput(name=name, value=value, source="given") for name, value in body.inputs.items()}
    return queries.eligibility(said, known | given)


@router.post("/matters/{task_code}/prereview", **_FOR_ANYBODY)
async def prereview(
    task_code: TaskCode, body: api.AskPrereview, caller: Caller, database: Database, mesh: Mesh, clock: Clock, response: Response
) -> api.Prereview:
    """What would come back for correction if this were sent. Nothing is kept of what is said here."""
    _check_mandate(caller, task_code)
    async with database.reading() as session:
        said = await queries.personal(session, task_code, body.answers, at=clock.now())
    held = await _holdings(mesh, caller, said.types(), f"prereview {task_code}")
    disclose_fetched(response, *filter(None, [held]))
    return queries.prereview(said, body, _by_type(held))


def _check_mandate(caller: KnownCaller, task_code: TaskCode) -> None:
    if caller.mandate_matters and task_code.basic not in caller.mandate_matters:
        raise MatterNotInMandate


def _answers(said: list[str]) -> dict[str, str]:
    answers = dict(each.split(":") for each in said)
    if len(answers) != len(said):
        raise AnswersNotPossible(errors=[{"question": each.partition(":")[0], "rule": "a question is answered once"} for each in said])
    return answers


async def _holdings(mesh: MeshClient, caller: KnownCaller, types: list[CertificateTypeCode], purpose: str) -> Fetched[list[Holding]] | None:
    """None where nobody is signed on, or the certificate service is away."""
    if caller.person is None or caller.assurance < 2:
        return None
    if not types:
        return Fetched([])
    wanted = AskHoldings(person_id=caller.person, types=types)
    try:
        return await mesh.post("certificate", "/holdings", json=wanted, model=list[Holding], act=caller, purpose=purpose)
    except ServiceError:
        return None


async def _profile(mesh: MeshClient, caller: KnownCaller, purpose: str, *, is_asked: bool) -> Fetched[Profile] | None:
    if caller.person is None or caller.assurance < 2 or not is_asked:
        return None
    try:
        return await mesh.get("identity", f"/persons/{caller.person}/profile", model=Profile, act=caller, purpose=purpose)
    except ServiceError:
        return None


def _by_type(held: Fetched[list[Holding]] | None) -> dict[str, tuple[str, str]] | None:
    return None if held is None else {each.type: (each.name, each.number_masked) for each in held.value}


def _private(found: Answer) -> Response:
    return Response(found.model_dump_json(), headers={"cache-control": "private, no-store"}, media_type="application/json")
