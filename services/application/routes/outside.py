"""What the body of an officer's act says of where it was done: under which number of the handler's own, on which work form."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from pydantic import ValidationError

from chassis.http import Caller, strict_json
from contracts.api import application as api
from contracts.values import CaseNumber
from services.application.commands.returned import Outside as OutsideAct
from services.application.routes.dependencies import Within


async def _outside(request: Request, number: Annotated[CaseNumber, Path()], scope: Within, caller: Caller) -> OutsideAct:
    """The model of the body refuses what is not as it should be here, before anything is done."""
    body = await request.body()
    parsed = strict_json.parse(body) if body else {}
    said: dict[str, Any] = parsed if isinstance(parsed, dict) else {}
    operation, form = said.pop("operation", None), said.pop("work_form", None)
    return OutsideAct(
        party=caller.required_party(),
        officer=caller.required_officer(),
        scope=scope,
        number=number,
        act=request.url.path.rpartition("/")[2],
        said=said,
        operation=operation if isinstance(operation, str) else None,
        form=_form(form),
    )


def _form(said: Any) -> api.FormEntered | None:
    try:
        return api.FormEntered.model_validate(said) if said is not None else None
    except ValidationError:
        return None


Outside = Annotated[OutsideAct, Depends(_outside)]
