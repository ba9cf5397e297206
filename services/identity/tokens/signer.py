"""Signs what identity says, and reads it again: access tokens (RFC 9068) and ID tokens (OpenID Connect Core)."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError

from contracts.values import Assurance, GrantId, PersonId, StaffId
from services.identity.domain.sign_on import ACCESS_TOKEN_LIFE, ACR, Session
from services.identity.tokens.key_ring import KeyRing

_ACCESS_TOKEN_LIFE_S: Final = int(ACCESS_TOKEN_LIFE.total_seconds())
_ID_TOKEN_LIFE_S: Final = 300
_MAX_TOKEN_CHARACTERS: Final = 8192
_LEEWAY_S: Final = 5


def acr_of(assurance: int) -> str:
    return f"{ACR}{assurance}"


@dataclass(frozen=True, slots=True)
class Signed:
    """On whose sign-on a token stands, and what that is worth right now."""

    session: Session
    grant: GrantId
    level: Assurance


class TokenSigner:
    def __init__(self, issuer: str, keys: KeyRing) -> None:
        self.issuer = issuer.rstrip("/")
        self.keys = keys

    def access_token(
        self, *, subject: str, subject_type: str, client_id: str, scope: str, at: datetime, signed: Signed | None = None, **more: Any
    ) -> str:
        """`more` are further claims: `act`, `mandate`, `officer`, `agency`, `cnf` (ADR-0019)."""
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": subject,
            "subject_type": subject_type,
            "aud": self.issuer,
            "client_id": client_id,
            "scope": scope,
            "iat": issued,
            "exp": issued + _ACCESS_TOKEN_LIFE_S,
            "jti": secrets.token_urlsafe(16),
            **more,
        }
        if signed is not None:
            claims |= {
                "sid": signed.session.id,
                "grant": signed.grant,
                "auth_time": int(signed.session.proven_at.timestamp()),
                "assurance": int(signed.level),
                "acr": acr_of(signed.level),
                "amr": list(signed.session.methods),
            }
        return self.keys.signing("ES256").sign("at+jwt", claims)

    def id_token(
        self, *, signed: Signed, client_id: str, nonce: str | None, at: datetime, alg: str = "ES256", access_token: str = "", **more: Any
    ) -> str:
        """`more` are claims that the client asked to have in it."""
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            **more,
            "iss": self.issuer,
            "sub": signed.session.account,
            "aud": client_id,
            "azp": client_id,
            "iat": issued,
            "exp": issued + _ID_TOKEN_LIFE_S,
            "auth_time": int(signed.session.proven_at.timestamp()),
            "acr": acr_of(signed.level),
            "amr": list(signed.session.methods),
            "sid": signed.session.id,
        }
        said = {"nonce": nonce, "at_hash": _at_hash(access_token) if access_token else None}
        return self.keys.signing(alg).sign("JWT", claims | {name: value for name, value in said.items() if value})

    def read_access_token(self, token: str, at: datetime) -> dict[str, Any] | None:
        """The claims of our own access token, or None when it may not be believed."""
        claims = self._read(token, "at+jwt", ("ES256",))
        if claims is None or not _is_access_token(claims, self.issuer):
            return None
        return claims if claims["iat"] - _LEEWAY_S <= at.timestamp() < claims["exp"] else None

    def read_id_token(self, token: str) -> dict[str, Any] | None:
        """The claims of an ID token of ours as a hint, long over or not; None when it is not ours."""
        claims = self._read(token, "JWT", ("ES256", "RS256"))
        is_ours = claims is not None and all(isinstance(claims.get(name), str) for name in ("sub", "aud"))
        return claims if is_ours else None

    def _read(self, token: str, kind: str, algorithms: tuple[str, ...]) -> dict[str, Any] | None:
        if len(token) > _MAX_TOKEN_CHARACTERS:
            return None
        try:
            decoded = jwt.decode(token, self._key, algorithms=algorithms)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        claims = decoded.claims
        is_ours = decoded.header.get("typ") == kind and claims.get("iss") == self.issuer
        return claims if is_ours else None

    def _key(self, token: Any) -> Any:
        header = token.headers()
        key = self.keys.verifying(header.get("kid"))
        if key is None or key.alg != header.get("alg"):
            raise KeyError
        return key.public


def _is_access_token(claims: dict[str, Any], issuer: str) -> bool:
    times = (claims.get("iat"), claims.get("exp"))
    texts = ("sub", "client_id", "scope", "subject_type", "jti")
    return (
        claims.get("aud") == issuer
        and all(isinstance(each, int) and not isinstance(each, bool) for each in times)
        and claims["exp"] <= claims["iat"] + _ACCESS_TOKEN_LIFE_S
        and all(isinstance(claims.get(name), str) for name in texts)
    )


def _at_hash(access_token: str) -> str:
    """Source: OpenID Connect Core 3.1.3.6."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def person_of(claims: dict[str, Any]) -> PersonId | None:
    return PersonId(claims["sub"]) if claims["subject_type"] == "person" else None


def staff_of(claims: dict[str, Any]) -> StaffId | None:
    return StaffId(claims["sub"]) if claims["subject_type"] == "staff" else None
