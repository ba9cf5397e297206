"""What the provider is and can. Source: OpenID Connect Discovery 1.0, RFC 8414."""

from typing import Any

from fastapi import Response

from chassis.http import Router, dpop
from services.identity.domain.claims import SCOPE_OF_CLAIM
from services.identity.domain.clients import AUTH_METHODS, ID_TOKEN_ALGORITHMS, SCOPES
from services.identity.domain.sign_on import ACR_VALUES, STAFF_SCOPE
from services.identity.routes.dependencies import Signer
from services.identity.routes.protocol import PROTOCOL
from services.identity.routes.tokens import GRANT_TYPES

router = Router()

_AUTH_METHODS = list(dict.fromkeys(method for methods in AUTH_METHODS.values() for method in methods))
_CONFIDENTIAL = [method for method in _AUTH_METHODS if method != "none"]
_ASSERTION_ALGORITHMS = ["ES256", "PS256"]
_CLAIMS = ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "azp", "nonce", "sid", *SCOPE_OF_CLAIM]
_OF_OFFICERS = ["officer", "agency", "department", "window", "duties"]


@router.get("/.well-known/openid-configuration", **PROTOCOL)
@router.get("/.well-known/oauth-authorization-server", **PROTOCOL)
async def discovery(signer: Signer) -> dict[str, Any]:
    issuer = signer.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "device_authorization_endpoint": f"{issuer}/device_authorization",
        "end_session_endpoint": f"{issuer}/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "token_endpoint_auth_methods_supported": _AUTH_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": _AUTH_METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": _CONFIDENTIAL,
        "introspection_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [*SCOPES, STAFF_SCOPE],
        "claim_types_supported": ["normal"],
        "claims_supported": [*_CLAIMS, *_OF_OFFICERS],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": False,
        "acr_values_supported": list(ACR_VALUES),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "ui_locales_supported": ["zh-CN", "en"],
        "claims_locales_supported": ["zh-CN"],
        "authorization_response_iss_parameter_supported": True,
    }


@router.get("/jwks", **PROTOCOL)
async def jwks(signer: Signer) -> dict[str, Any]:
    await signer.keys.freshen(*ID_TOKEN_ALGORITHMS)
    return signer.keys.key_set()


@router.options("/.well-known/openid-configuration", **PROTOCOL)
@router.options("/.well-known/oauth-authorization-server", **PROTOCOL)
@router.options("/jwks", **PROTOCOL)
@router.options("/token", **PROTOCOL)
@router.options("/userinfo", **PROTOCOL)
@router.options("/revoke", **PROTOCOL)
async def preflight() -> Response:
    """What scripts of other origins may do is said by `routes/cross_origin.py`; to all others nothing is said."""
    return Response(status_code=204)
