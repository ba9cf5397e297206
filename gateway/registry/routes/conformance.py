from typing import Annotated, Any

from fastapi import Depends, Request, Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import Id, PartyId
from gateway.registry.commands import conformance as commands
from gateway.registry.domain import conformance as domain
from gateway.registry.queries import conformance as queries

router = Router()


async def _rules(request: Request) -> domain.Rules:
    rules: domain.Rules = request.app.state.conformance
    return rules


Rules = Annotated[domain.Rules, Depends(_rules)]


@router.post(
    "/conformance-runs", status_code=201, response_model=api.ConformanceRun, **guard(Permission.CONFORMANCE_RUN, audience=Audience.PARTY)
)
async def begin(caller: Caller, clock: Clock, once: Once, rules: Rules) -> Response:
    """Begin a run of the conformance kit: its seed, and what it will look at. It is used once and within its time."""

    async def work(session: Any) -> api.ConformanceRun:
        run = await commands.begin(session, caller.required_party(), caller.party_kind, rules, at=clock.now())
        return queries.present(run, rules)

    return await once.answer(work, status=201)


@router.post(
    "/conformance-runs/{run_id}/report", response_model=api.ConformanceRun, **guard(Permission.CONFORMANCE_RUN, audience=Audience.PARTY)
)
async def report(run_id: Id, body: api.Report, caller: Caller, clock: Clock, once: Once, rules: Rules) -> Response:
    """Hand in what the kit saw. Every check is judged anew from the transcript; those that fail are named."""

    async def work(session: Any) -> api.ConformanceRun:
        run = await commands.end(session, run_id, caller.required_party(), body, rules, at=clock.now())
        return queries.present(run, rules)

    return await once.answer(work)


@router.get("/conformance-runs/{run_id}", **guard(Permission.CONFORMANCE_RUN, audience=Audience.PARTY))
async def run(run_id: Id, caller: Caller, database: Database, rules: Rules) -> api.ConformanceRun:
    """A run of one's own."""
    async with database.reading() as session:
        return await queries.run_of_party(session, run_id, caller.required_party(), rules)


@router.get("/parties/{party_id}/conformance-runs", **guard(Permission.CONFORMANCE_READ, audience=Audience.OPERATOR))
async def runs(party_id: PartyId, database: Database, rules: Rules, after: Id | None = None) -> Page[api.ConformanceRun]:
    """What a party's system has shown so far, oldest first."""
    async with database.reading() as session:
        return await queries.runs_of(session, party_id, after, rules)
