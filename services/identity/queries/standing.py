from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.database import ReadSession
from services.identity.repository import Grants, Sessions
from services.identity.repository.standing import Standing, hold


def is_needed(claims: Mapping[str, Any]) -> bool:
    """Whether a token stands on something that can end before it; a client's own token does not."""
    return "sid" in claims


async def holds(reading: ReadSession, claims: Mapping[str, Any], at: datetime) -> bool:
    """Whether the sign-on, the grant and the mandate that a token stands on hold."""
    return not is_needed(claims) or all(await hold(reading, [of(claims, at)]))


def of(claims: Mapping[str, Any], at: datetime) -> Standing:
    mandate = claims["mandate"]["id"] if "mandate" in claims else None
    return Standing(claims["sid"], claims["grant"], claims["sub"], mandate, at)


def introspected(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of an access token that holds. Source: RFC 7662 section 2.2."""
    return {"active": True, **claims, "token_type": "DPoP" if claims.get("cnf") else "Bearer"}


async def refresh_token(reading: ReadSession, token: str, client_id: str, issuer: str, at: datetime) -> dict[str, Any] | None:
    """What a refresh token of this client says, while it can bring new tokens. Source: RFC 7662 section 2.2."""
    row = await Grants(reading).refresh(token, client_id)
    if row is None or row.expires_at <= at or row.used_at is not None:
        return None
    grant = await Grants(reading).get(row.grant_id)
    session = await Sessions(reading).get(grant.session_id) if grant else None
    if grant is None or grant.revoked_at is not None or session is None or not session.is_live(at):
        return None
    return {
        "iss": issuer,
        "sub": session.account,
        "client_id": client_id,
        "scope": grant.scope,
        "exp": int(row.expires_at.timestamp()),
        "token_type": "refresh_token",
        **({"cnf": {"jkt": grant.jkt}} if grant.jkt else {}),
    }
