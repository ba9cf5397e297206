"""What the routes of cases ask for beside the usual."""

from typing import Annotated

from fastapi import Depends

from chassis.http import Caller, Mesh
from services.application.domain.case import NotAHandler, Scope
from services.application.neighbours import Asked as Questions


async def _asked(caller: Caller, mesh: Mesh) -> Questions:
    return Questions(mesh, caller)


async def _scope(caller: Caller) -> Scope:
    """A district handles the cases of its division, a department those of its agency."""
    if caller.party_kind == "district":
        return Scope(division=caller.required_division())
    if caller.party_kind == "department":
        return Scope(agency=caller.required_agency())
    raise NotAHandler


Asked = Annotated[Questions, Depends(_asked)]
Within = Annotated[Scope, Depends(_scope)]
