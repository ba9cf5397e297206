"""What a token's scope lets its client know of the person, or of the officer. Source: OpenID Connect Core 5.3, RFC 6750, RFC 9449 section 7."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from chassis.http import Router, disclose
from contracts.values import Grade, PersonId, StaffId
from services.identity.domain.persons import NoSuchPerson
from services.identity.domain.sign_on import ProtocolError
from services.identity.queries import standing
from services.identity.repository import Grants, Persons, StaffMembers
from services.identity.routes.client_authentication import proven_key
from services.identity.routes.dependencies import AtEndpoint, Endpoint
from services.identity.routes.protocol import NO_STORE, PROTOCOL, challenge, parameters_of, says_form
from services.identity.tokens.claims import claims_of, claims_of_officer, released
from services.identity.tokens.signer import person_of, staff_of

router = Router()


@router.get("/userinfo", **PROTOCOL)
@router.post("/userinfo", **PROTOCOL)
async def userinfo(request: Request, endpoint: AtEndpoint) -> Response:
    try:
        scheme, token = await _presented(request)
        claims = await _believed(endpoint, request, scheme, token)
    except ProtocolError as error:
        return challenge(error.error, error.status, scheme=error.detail)
    subject = person_of(claims) or staff_of(claims)
    if subject is None:
        return challenge("invalid_token")
    if "openid" not in claims["scope"].split():
        return challenge("insufficient_scope", 403)
    if isinstance(subject, StaffId):
        return await _of_officer(endpoint, claims, subject)
    return await _of_person(endpoint, claims, subject)


async def _of_person(endpoint: Endpoint, claims: Mapping[str, Any], person_id: PersonId) -> Response:
    try:
        said = await _claims(endpoint, claims, person_id)
    except NoSuchPerson:
        return challenge("invalid_token")
    answer = JSONResponse({"sub": person_id, **said}, headers=NO_STORE)
    if said:
        disclose(answer, subjects=[person_id], purpose="userinfo", grade=Grade.PERSONAL, items=tuple(said))
    return answer


async def _of_officer(endpoint: Endpoint, claims: Mapping[str, Any], staff_id: StaffId) -> Response:
    async with endpoint.database.reading() as reading:
        officer = await StaffMembers(reading, endpoint.sealer).active(staff_id)
    if officer is None:
        return challenge("invalid_token")
    return JSONResponse({"sub": staff_id, **claims_of_officer(officer, claims["scope"])}, headers=NO_STORE)


async def _presented(request: Request) -> tuple[str, str]:
    """The scheme and the token, from the header or from a form. Raises ProtocolError, whose detail is the scheme to ask for."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        form = await parameters_of(request) if request.method == "POST" and says_form(request) else {}
    except ProtocolError as error:
        raise ProtocolError(error.error, "Bearer") from None
    if "access_token" in form:
        if scheme:
            raise ProtocolError("invalid_request", "Bearer")
        return "bearer", form["access_token"]
    return scheme.lower(), token.strip()


async def _believed(endpoint: Endpoint, request: Request, scheme: str, token: str) -> dict[str, Any]:
    """The token's claims, when it holds and whoever presents it holds its key. Raises ProtocolError as above."""
    claims = endpoint.signer.read_access_token(token, endpoint.clock.now())
    if claims is None or scheme not in {"bearer", "dpop"}:
        raise ProtocolError("invalid_token", "DPoP" if scheme == "dpop" else "Bearer", 401)
    bound_to = (claims.get("cnf") or {}).get("jkt")
    if (scheme == "dpop") != (bound_to is not None) or (bound_to is None and "dpop" in request.headers):
        raise ProtocolError("invalid_token", "DPoP" if bound_to else "Bearer", 401)
    if bound_to is not None:
        try:
            key = await proven_key(endpoint, request, "/userinfo", access_token=token)
        except ProtocolError as error:
            raise ProtocolError(error.error, "DPoP", 401) from None
        if key != bound_to:
            raise ProtocolError("invalid_token", "DPoP", 401)
    async with endpoint.database.reading() as reading:
        if not await standing.holds(reading, claims, endpoint.clock.now()):
            raise ProtocolError("invalid_token", "DPoP" if bound_to else "Bearer", 401)
    return claims


async def _claims(endpoint: Endpoint, claims: Mapping[str, Any], person_id: PersonId) -> dict[str, Any]:
    """Raises NoSuchPerson."""
    async with endpoint.database.reading() as reading:
        person = await Persons(reading, endpoint.sealer).get(person_id)
        grant = await Grants(reading).get(claims["grant"])
    return released(claims_of(person), claims["scope"], grant.userinfo if grant else ())
