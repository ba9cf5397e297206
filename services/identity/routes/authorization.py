"""Signing on in a browser: what the provider is, the request for a code, the form. Source: OpenID Connect Core 3.1.2."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.http import Clock, Database, Router, Sealer
from contracts.values import PartyId
from services.identity.commands import grants, sign_on
from services.identity.domain.sign_on import AuthorizationRequest, ProtocolError, Session
from services.identity.pages import language_of
from services.identity.repository import Clients, Persons, Sessions
from services.identity.routes.dependencies import Pages, Signer
from services.identity.routes.protocol import NO_STORE, PROTOCOL, form_of
from services.identity.tokens.signer import TokenSigner

router = Router()

_SCOPES = ("openid", "profile", "phone", "offline_access")
_REQUEST_LIFE_S = 900
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# Source: RFC 6749 appendix A.5
_OPAQUE = re.compile(r"[ -~]{0,2000}")


@router.get("/.well-known/openid-configuration", **PROTOCOL)
async def discovery(signer: Signer) -> dict[str, Any]:
    """Source: OpenID Connect Discovery 1.0, RFC 8414."""
    issuer = signer.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(_SCOPES),
        "claims_supported": ["sub", "name", "phone_number", "phone_number_verified", "acr", "auth_time"],
        "acr_values_supported": [f"urn:tongban:assurance:{level}" for level in (1, 2, 3)],
        "ui_locales_supported": ["zh-CN", "en"],
        "authorization_response_iss_parameter_supported": True,
    }


@router.get("/jwks", **PROTOCOL)
async def jwks(signer: Signer) -> dict[str, Any]:
    return signer.key_set()


@router.get("/authorize", **PROTOCOL)
async def authorize(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages) -> Response:
    """Ask for a code: by the browser's running sign-on, or after signing on at the form."""
    said = dict(request.query_params)
    language = language_of(said.get("ui_locales"), request.headers.get("accept-language"))
    async with database.reading() as reading:
        client = await Clients(reading).get(said.get("client_id", "")) if PartyId.read(said.get("client_id")) else None
        cookie = request.cookies.get(_cookie_name(signer.issuer))
        running = await Sessions(reading).of_cookie(cookie) if cookie else None
    if client is None or len(request.query_params.multi_items()) != len(said):
        return pages.error("client_id: 未登记的应用 / not a registered client", language=language)
    if said.get("redirect_uri") not in client.redirect_uris:
        return pages.error("redirect_uri: 未登记的回调地址 / not a registered address", language=language)
    try:
        wanted = _wanted(said)
    except ProtocolError as error:
        return _back(said["redirect_uri"], signer.issuer, said.get("state"), error=error.error, error_description=error.detail)
    prompts = set(said.get("prompt", "").split())
    is_usable = running is not None and running.is_live(clock.now()) and _is_young(running, said.get("max_age"), clock)
    if is_usable and not prompts & {"login", "consent", "select_account"}:
        assert running is not None
        return await _with_code(database, clock, signer, wanted, running)
    if "none" in prompts:
        return _back(wanted.redirect_uri, signer.issuer, wanted.state, error="login_required")
    return pages.login(_sealed(sealer, wanted, clock), client.name, language=language)


@router.post("/login", **PROTOCOL)
async def login(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages) -> Response:
    """The form of `/authorize`. Its hidden field is our own sealed message, and it is sent by our own page only.

    A page elsewhere could carry a sealed message that its author asked for and sign the browser on as its author.
    """
    form = await form_of(request)
    language, size = language_of(form.get("language"), None), "large" if form.get("size") == "large" else ""
    try:
        wanted = _opened(sealer, form.get("request", ""), clock)
    except (ValueError, KeyError, TypeError):
        return pages.stale(language=language)
    if request.headers.get("origin", signer.issuer) != signer.issuer:
        return pages.stale(language=language, status=403)
    async with database.reading() as reading:
        client = await Clients(reading).get(wanted.client_id)
        person = await Persons(reading, sealer).named(form.get("username", ""))
    if client is None:
        return pages.error("client_id: 未登记的应用 / not a registered client", language=language)
    action = form.get("action", "login")
    if action in {"large", "normal", "zh", "en"}:
        size = action if action == "large" else "" if action == "normal" else size
        return pages.login(form["request"], client.name, language=action if action in {"zh", "en"} else language, size=size)
    is_right = await sign_on.check_password(person, form.get("password", ""))
    if person is not None:
        async with database.transaction() as session:
            is_right = await sign_on.note_attempt(session, person, sealer, is_right=is_right, at=clock.now())
    if person is None or not is_right:
        return pages.login(form["request"], client.name, language=language, size=size, message="wrong", status=401)
    async with database.transaction() as session:
        opened, cookie = await sign_on.open_session(session, person, at=clock.now())
    answer = await _with_code(database, clock, signer, wanted, opened)
    is_https = signer.issuer.startswith("https://")
    answer.set_cookie(_cookie_name(signer.issuer), cookie, path="/", secure=is_https, httponly=True, samesite="lax")
    return answer


async def _with_code(
    database: DatabaseOfService, clock: ClockProtocol, signer: TokenSigner, wanted: AuthorizationRequest, running: Session
) -> RedirectResponse:
    async with database.transaction() as session:
        code = await grants.issue_code(session, wanted, running, at=clock.now())
    return _back(wanted.redirect_uri, signer.issuer, wanted.state, code=code)


def _wanted(said: Mapping[str, str]) -> AuthorizationRequest:
    """The request for a code, checked. Raises ProtocolError with the OAuth error to send back."""
    if "request" in said or "request_uri" in said:
        raise ProtocolError("request_not_supported" if "request" in said else "request_uri_not_supported")
    if said.get("response_type") != "code":
        raise ProtocolError("unsupported_response_type" if said.get("response_type") else "invalid_request", "response_type=code")
    if said.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(said.get("code_challenge", "")):
        raise ProtocolError("invalid_request", "PKCE with S256 is needed")
    if not all(_OPAQUE.fullmatch(said.get(name, "")) for name in ("state", "nonce")):
        raise ProtocolError("invalid_request", "state or nonce is too long or not printable ASCII")
    if len(prompts := said.get("prompt", "").split()) > 1 and "none" in prompts:
        raise ProtocolError("invalid_request", "prompt=none stands alone")
    scope = " ".join(dict.fromkeys(each for each in said.get("scope", "").split() if each in _SCOPES))
    if not scope:
        raise ProtocolError("invalid_scope")
    return AuthorizationRequest(
        said["client_id"], said["redirect_uri"], scope, said["code_challenge"], said.get("state"), said.get("nonce")
    )


def _sealed(sealer: Sealer, wanted: AuthorizationRequest, clock: ClockProtocol) -> str:
    fields = {name: getattr(wanted, name) for name in AuthorizationRequest.__dataclass_fields__}
    return sealer.seal_message({**fields, "until": clock.now().timestamp() + _REQUEST_LIFE_S})


def _opened(sealer: Sealer, text: str, clock: ClockProtocol) -> AuthorizationRequest:
    said = sealer.open_message(text)
    if said.pop("until") < clock.now().timestamp():
        raise ValueError("the form is too old")
    return AuthorizationRequest(**said)


def _is_young(session: Session, max_age: str | None, clock: ClockProtocol) -> bool:
    if max_age is None or not max_age.isdecimal():
        return True
    return (clock.now() - session.proven_at).total_seconds() <= int(max_age[:9])


def _cookie_name(issuer: str) -> str:
    return "__Host-tongban-sso" if issuer.startswith("https://") else "tongban-sso"


def _back(redirect_uri: str, issuer: str, state: str | None, **said: str) -> RedirectResponse:
    """Send the browser back with an answer that names its issuer. Source: RFC 9207."""
    parameters = {name: value for name, value in {**said, "state": state, "iss": issuer}.items() if value}
    joint = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(parameters)}", 303, headers=NO_STORE)
