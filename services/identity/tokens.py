"""Tokens that identity signs, and assertions by which clients prove themselves.

Source: OpenID Connect Core (ID token), RFC 9068 (access token), RFC 7523 (private_key_jwt).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact

from contracts.values import Assurance, Id, PersonId
from services.identity.domain import ACCESS_TOKEN_LIFE, ProtocolError, Session

_ASSERTION_ALGORITHMS = ["ES256", "PS256"]
_ASSERTION_LIFE_S = 300
_LEEWAY_S = 10


def acr_of(assurance: int) -> str:
    return f"urn:tongban:assurance:{assurance}"


@dataclass(frozen=True, slots=True)
class Assertion:
    client_id: str
    jti: str
    expires: int


class TokenSigner:
    """Signs with one P-256 key whose id is its thumbprint (RFC 7638)."""

    def __init__(self, issuer: str, private_key_pem: bytes) -> None:
        self.issuer = issuer
        self._key = ECKey.import_key(private_key_pem)
        self._kid = self._key.thumbprint()

    @classmethod
    def from_file(cls, issuer: str, file: Path) -> "TokenSigner":
        return cls(issuer.rstrip("/"), file.read_bytes())

    def key_set(self) -> dict[str, Any]:
        return {"keys": [{**self._key.as_dict(private=False), "kid": self._kid, "alg": "ES256", "use": "sig"}]}

    def access_token(
        self, *, subject: str, client_id: str, scope: str, at: datetime, session: Session | None = None, assurance: Assurance | None = None
    ) -> str:
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": subject,
            "aud": self.issuer,
            "client_id": client_id,
            "scope": scope,
            "iat": issued,
            "exp": issued + int(ACCESS_TOKEN_LIFE.total_seconds()),
            "jti": Id.new(),
        }
        if session is not None and assurance is not None:
            claims |= {
                "sid": session.id,
                "auth_time": int(session.signed_on_at.timestamp()),
                "assurance": int(assurance),
                "acr": acr_of(assurance),
            }
        return self._sign("at+jwt", claims)

    def id_token(self, *, session: Session, client_id: str, nonce: str | None, assurance: Assurance, at: datetime) -> str:
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": session.person_id,
            "aud": client_id,
            "iat": issued,
            "exp": issued + 300,
            "auth_time": int(session.signed_on_at.timestamp()),
            "acr": acr_of(assurance),
            "amr": ["pwd"],
            "sid": session.id,
        }
        return self._sign("JWT", claims | ({"nonce": nonce} if nonce else {}))

    def read_access_token(self, token: str, at: datetime) -> dict[str, Any] | None:
        """The claims of our own access token, or None when it may not be believed."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=["ES256"])
        except (JoseError, ValueError):
            return None
        claims = decoded.claims
        is_ours = decoded.header.get("typ") == "at+jwt" and claims.get("iss") == self.issuer and claims.get("aud") == self.issuer
        return claims if is_ours and claims["exp"] > at.timestamp() else None

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "typ": kind, "kid": self._kid}, claims, self._key)


def person_of(claims: dict[str, Any]) -> PersonId | None:
    return PersonId(claims["sub"]) if claims["sub"] != claims["client_id"] else None


def unverified_client(assertion: str) -> str:
    """Who an assertion claims to be by, so that the key can be found. Raises ProtocolError."""
    try:
        payload = extract_compact(assertion.encode()).payload
        return str(json.loads(payload)["iss"])
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise ProtocolError("invalid_client", "the client assertion is not a JWT", 401) from None


def read_assertion(assertion: str, jwks: list[dict[str, Any]], *, issuer: str, at: datetime) -> Assertion:
    """A client assertion by one of the client's own keys.

    `aud` is our issuer as one string: an array or an endpoint's address would let it be used elsewhere.
    Raises: ProtocolError invalid_client.
    """
    for jwk in jwks:
        try:
            decoded = jwt.decode(assertion, ECKey.import_key(jwk), algorithms=_ASSERTION_ALGORITHMS)
        except (JoseError, ValueError):
            continue
        return _checked(decoded.claims, issuer, at.timestamp())
    raise ProtocolError("invalid_client", "the client assertion is not signed by a registered key", 401)


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
