"""A request for a code, checked. Source: OpenID Connect Core 3.1.2.1, RFC 7636, RFC 9126, RFC 9449 section 10."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.identity.domain.claims import RequestedClaims, requested
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import ACR_VALUES, STAFF_SCOPE, ProtocolError

PARAMETERS: Final = frozenset(
    {
        "acr_values",
        "claims",
        "claims_locales",
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "display",
        "dpop_jkt",
        "id_token_hint",
        "login_hint",
        "max_age",
        "nonce",
        "prompt",
        "redirect_uri",
        "registration",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
        "ui_locales",
    }
)
"""What a request may say; anything else is ignored."""
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# Source: RFC 6749 appendix A.5
_OPAQUE: Final = re.compile(r"[ -~]{0,2000}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """`jkt` is the thumbprint of the key that its client must prove when it comes for tokens."""

    client_id: str
    redirect_uri: str
    scope: str
    challenge: str | None = None
    state: str | None = None
    nonce: str | None = None
    claims: RequestedClaims = field(default_factory=RequestedClaims)
    jkt: str | None = None

    @property
    def consented(self) -> frozenset[str]:
        """What its person is asked to agree to."""
        return frozenset(self.scope.split()) | self.claims.scopes


def read(said: Mapping[str, str], client: Client) -> AuthorizationRequest:
    """The request of a client whose redirect address is known to be its own. Raises ProtocolError with the error to send back."""
    for name in ("request", "request_uri", "registration"):
        if name in said:
            raise ProtocolError(f"{name}_not_supported")
    if said.get("response_type") != "code":
        raise ProtocolError("unsupported_response_type" if said.get("response_type") else "invalid_request", "response_type=code")
    if said.get("response_mode", "query") != "query":
        raise ProtocolError("invalid_request", "response_mode=query")
    if any("\0" in value for value in said.values()):
        raise ProtocolError("invalid_request", "a parameter cannot be read")
    if not all(_OPAQUE.fullmatch(said.get(name, "")) for name in ("state", "nonce")):
        raise ProtocolError("invalid_request", "state or nonce is too long or not printable ASCII")
    _check_prompt(said)
    claims = _claims(said, client)
    return AuthorizationRequest(
        str(client.id),
        said["redirect_uri"],
        _scope(said, client),
        _challenge(said, client),
        said.get("state"),
        said.get("nonce"),
        claims,
        _thumbprint(said),
    )


def _check_prompt(said: Mapping[str, str]) -> None:
    if len(prompts := said.get("prompt", "").split()) > 1 and "none" in prompts:
        raise ProtocolError("invalid_request", "prompt=none stands alone")
    if "max_age" in said and not _SECONDS.fullmatch(said["max_age"]):
        raise ProtocolError("invalid_request", "max_age is a number of seconds")


def _challenge(said: Mapping[str, str], client: Client) -> str | None:
    if not client.needs_pkce and not said.get("code_challenge") and "code_challenge_method" not in said:
        return None
    if said.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(said.get("code_challenge", "")):
        raise ProtocolError("invalid_request", "PKCE with S256 is needed")
    return said["code_challenge"]


def _scope(said: Mapping[str, str], client: Client) -> str:
    asked = said.get("scope", "").split()
    if STAFF_SCOPE in asked and STAFF_SCOPE not in client.scopes:
        raise ProtocolError("invalid_scope", "staff is for systems of agencies")
    scope = " ".join(dict.fromkeys(each for each in asked if each in client.scopes))
    if not scope:
        raise ProtocolError("invalid_scope")
    return scope


def _claims(said: Mapping[str, str], client: Client) -> RequestedClaims:
    try:
        claims = requested(said.get("claims", ""))
    except ValueError:
        raise ProtocolError("invalid_request", "claims is not a claims request") from None
    if claims.acr is not None and not set(claims.acr) & ACR_VALUES.keys():
        raise ProtocolError("unmet_authentication_requirements", "none of the essential acr values can be reached here")
    if not claims.scopes <= set(client.scopes):
        raise ProtocolError("invalid_scope", "claims of a scope that is not the client's")
    return claims


def _thumbprint(said: Mapping[str, str]) -> str | None:
    if "dpop_jkt" not in said:
        return None
    if not _CHALLENGE.fullmatch(said["dpop_jkt"]):
        raise ProtocolError("invalid_request", "dpop_jkt is not a thumbprint")
    return said["dpop_jkt"]
