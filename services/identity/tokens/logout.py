"""Tokens about the end of a sign-on: the hint that asks for it and the token that tells of it."""

from datetime import datetime
from typing import Any, Final

from contracts.values import Id
from services.identity.domain.logout import HINT_LIFE, LOGOUT_TOKEN_LIFE, Delivery, Hint
from services.identity.tokens.signer import TokenSigner

_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


def logout_token(signer: TokenSigner, delivery: Delivery, at: datetime) -> str:
    """Source: OpenID Connect Back-Channel Logout 1.0, section 2.4."""
    issued = int(at.timestamp())
    claims: dict[str, Any] = {
        "iss": signer.issuer,
        "sub": delivery.account,
        "aud": delivery.client_id,
        "iat": issued,
        "exp": issued + int(LOGOUT_TOKEN_LIFE.total_seconds()),
        "jti": Id.new(),
        "sid": delivery.session_id,
        "events": {_EVENT: {}},
    }
    return signer.keys.signing(delivery.algorithm).sign("logout+jwt", claims)


def read_hint(signer: TokenSigner, token: str, at: datetime) -> Hint | None:
    """What our own ID token says, also an expired one; None when it may not be believed or is too old to matter."""
    claims = signer.read_id_token(token)
    if claims is None or claims["iat"] < (at - HINT_LIFE).timestamp():
        return None
    return Hint(claims["aud"], claims["sub"], claims["sid"])
