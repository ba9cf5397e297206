"""What the endpoints of the sign-on protocol share."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import JSONResponse

from chassis.http import Audience, dpop, guard
from contracts.permissions import Permission
from services.identity.domain.sign_on import ProtocolError

PROTOCOL: Final = guard(Permission.SIGN_ON, audience=Audience.PROTOCOL)
NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_FORM: Final = "application/x-www-form-urlencoded"
_MAX_FIELDS: Final = 40
_MAX_CHARACTERS: Final = 256 * 1024


async def form_of(request: Request) -> dict[str, str]:
    """Form fields, each at most once; anything else is no field. Other encodings than a plain form are none."""
    if not says_form(request):
        return {}
    form = await request.form(max_files=0, max_fields=_MAX_FIELDS)
    pairs = form.multi_items()
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if isinstance(value, str) and names.count(name) == 1}


async def parameters_of(request: Request) -> dict[str, str]:
    """The parameters of a request that a client sent as a form. Raises ProtocolError invalid_request for any other body."""
    if not says_form(request):
        raise ProtocolError("invalid_request", f"a body of {_FORM} is needed")
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise ProtocolError("invalid_request", "the form cannot be read") from None
    return single(pairs)


def single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name. Raises ProtocolError for one that is given twice: which one would count? Source: RFC 6749 section 3.1."""
    listed = list(pairs)
    said = dict(listed)
    if len(said) != len(listed):
        raise ProtocolError("invalid_request", "a parameter is given twice")
    if sum(map(len, said.values())) > _MAX_CHARACTERS:
        raise ProtocolError("invalid_request", "the parameters are too long")
    return said


def says_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM


def oauth_error(error: ProtocolError) -> JSONResponse:
    """Source: RFC 6749 section 5.2."""
    headers = {**NO_STORE, **({"www-authenticate": 'Basic realm="tongban"'} if error.status == 401 else {})}
    return JSONResponse({"error": error.error, "error_description": error.detail}, error.status, headers)


def challenge(error: str, status: int = 401, *, scheme: str = "Bearer") -> JSONResponse:
    """How a protected resource asks for a better token. Source: RFC 6750 section 3, RFC 9449 section 7.1."""
    algorithms = f', algs="{" ".join(dpop.ALGORITHMS)}"' if scheme == "DPoP" else ""
    return JSONResponse({"error": error}, status, {**NO_STORE, "www-authenticate": f'{scheme} error="{error}"{algorithms}'})
