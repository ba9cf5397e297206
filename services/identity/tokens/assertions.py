"""How a client proves itself by its own key. Source: RFC 7523, private_key_jwt."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import extract_compact

from services.identity.domain.sign_on import ProtocolError

_ASSERTION_ALGORITHMS = ["ES256", "PS256"]
# Kept client libraries ask for an hour.
_ASSERTION_LIFE_S = 3600
_MAX_CHARACTERS = 8192
_KEYS_PREPARED = 4096
_LEEWAY_S = 10


@dataclass(frozen=True, slots=True)
class Assertion:
    client_id: str
    jti: str
    expires: int


def unverified_client(assertion: str) -> str:
    """Who an assertion claims to be by, so that the key can be found. Raises ProtocolError."""
    try:
        # Cut, a text that is too long is no JWT any more.
        payload = extract_compact(assertion.encode()[:_MAX_CHARACTERS]).payload
        return str(json.loads(payload)["iss"])
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise ProtocolError("invalid_client", "the client assertion is not a JWT", 401) from None


def read_assertion(assertion: str, jwks: Iterable[Mapping[str, Any]], *, issuer: str, at: datetime) -> Assertion:
    """A client assertion by one of the client's own keys.

    `aud` is our issuer as one string: an array or an endpoint's address would let it be used elsewhere.
    Raises: ProtocolError invalid_client.
    """
    for jwk in jwks:
        try:
            decoded = jwt.decode(assertion, _key(json.dumps(dict(jwk), sort_keys=True)), algorithms=_ASSERTION_ALGORITHMS)
        except (JoseError, ValueError):
            continue
        return _checked(decoded.claims, issuer, at.timestamp())
    raise ProtocolError("invalid_client", "the client assertion is not signed by a registered key", 401)


@lru_cache(_KEYS_PREPARED)
def _key(jwk: str) -> ECKey | RSAKey:
    said = json.loads(jwk)
    return RSAKey.import_key(said) if said.get("kty") == "RSA" else ECKey.import_key(said)


def _checked(claims: dict[str, Any], issuer: str, now: float) -> Assertion:
    times = [claims.get(name) for name in ("exp", "iat", "nbf") if name in claims]
    is_right = (
        claims.get("iss") == claims.get("sub")
        and claims.get("aud") == issuer
        and isinstance(claims.get("jti"), str)
        and 8 <= len(claims["jti"]) <= 128
        and "exp" in claims
        and all(isinstance(each, int) and not isinstance(each, bool) for each in times)
    )
    if not is_right or not now - _LEEWAY_S < claims["exp"] <= now + _ASSERTION_LIFE_S + _LEEWAY_S:
        raise ProtocolError("invalid_client", "the client assertion has a wrong issuer, audience, id or time", 401)
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + _LEEWAY_S:
        raise ProtocolError("invalid_client", "the client assertion is from the future", 401)
    return Assertion(claims["iss"], claims["jti"], claims["exp"])
