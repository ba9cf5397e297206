"""What the routes of cases ask for beside the usual."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.responses import Response

from chassis.http import Caller, Database, Mesh, disclose
from contracts.values import Grade
from services.application.domain.allowances import IntakeLimits
from services.application.domain.applicant import Applicant as ApplicantOfCase
from services.application.domain.case import NotAHandler, Scope
from services.application.domain.seals import Seal as SealOfAgencies
from services.application.neighbours import Asked as Questions
from services.application.queries.scopes import matters_of
from services.application.traces import Traces

R = TypeVar("R", bound=Response)


async def asked_by(caller: Caller, mesh: Mesh) -> Questions:
    return Questions(mesh, caller)


async def applicant_of(caller: Caller) -> ApplicantOfCase:
    return ApplicantOfCase(caller.required_subject(), caller.actor, caller.mandate, caller.mandate_matters)


def disclosed(
    response: R,
    applicant: ApplicantOfCase,
    *,
    purpose: str,
    grade: Grade = Grade.PERSONAL,
    items: Iterable[str] = (),
    names_agent: bool = False,
) -> R:
    """The response, marked as carrying the applicant's data, and the name of who acted for it."""
    persons = [each for each in (applicant.person, applicant.actor if names_agent else None) if each]
    organisations = [applicant.organisation] if applicant.organisation else []
    return disclose(response, subjects=persons, organisations=organisations, purpose=purpose, grade=grade, items=items)


async def _unit(caller: Caller) -> Scope:
    """A district handles the cases of its division, a department those of its agency."""
    if caller.party_kind == "district":
        return Scope(division=caller.required_division())
    if caller.party_kind == "department":
        return Scope(agency=caller.required_agency())
    raise NotAHandler


async def _callbacks_on_loopback(request: Request) -> bool:
    on_loopback: bool = request.app.state.callbacks_on_loopback
    return on_loopback


async def _scope(caller: Caller, database: Database) -> Scope:
    """Of these, an officer sees the matters that the unit limits them to; a call that names no officer is the unit's own."""
    scope = await _unit(caller)
    if caller.officer is None:
        return scope
    async with database.reading() as session:
        return replace(scope, matters=await matters_of(session, scope.unit, caller.officer))


async def _traces(request: Request) -> Traces:
    traces: Traces = request.app.state.traces
    return traces


async def _limits(request: Request) -> IntakeLimits:
    limits: IntakeLimits = request.app.state.limits
    return limits


async def _seal(request: Request) -> SealOfAgencies:
    seal: SealOfAgencies = request.app.state.seal
    return seal


async def _supervised(caller: Caller, database: Database) -> Scope | None:
    """Operators supervise the city, others what they handle."""
    return None if caller.party_kind == "operator" else await _scope(caller, database)


Asked = Annotated[Questions, Depends(asked_by)]
Applicant = Annotated[ApplicantOfCase, Depends(applicant_of)]
Seal = Annotated[SealOfAgencies, Depends(_seal)]
Limits = Annotated[IntakeLimits, Depends(_limits)]
Traced = Annotated[Traces, Depends(_traces)]
Unit = Annotated[Scope, Depends(_unit)]
Within = Annotated[Scope, Depends(_scope)]
Loopback = Annotated[bool, Depends(_callbacks_on_loopback)]
Supervised = Annotated[Scope | None, Depends(_supervised)]
