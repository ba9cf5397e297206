"""Signs what identity says: access tokens (RFC 9068) and ID tokens (OpenID Connect Core)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from contracts.values import Assurance, GrantId, Id, PersonId
from services.identity.domain.sign_on import ACCESS_TOKEN_LIFE, ACR, Session


def acr_of(assurance: int) -> str:
    return f"{ACR}{assurance}"


@dataclass(frozen=True, slots=True)
class Signed:
    """On whose sign-on a token stands, and what that is worth right now."""

    session: Session
    grant: GrantId
    level: Assurance


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
            "exp": issued + int(ACCESS_TOKEN_LIFE.total_seconds()),
            "jti": Id.new(),
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
        return self._sign("at+jwt", claims)

    def id_token(self, *, signed: Signed, client_id: str, nonce: str | None, at: datetime) -> str:
        issued = int(at.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": signed.session.account,
            "aud": client_id,
            "iat": issued,
            "exp": issued + 300,
            "auth_time": int(signed.session.proven_at.timestamp()),
            "acr": acr_of(signed.level),
            "amr": list(signed.session.methods),
            "sid": signed.session.id,
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
    return PersonId(claims["sub"]) if claims["subject_type"] == "person" else None
