"""Mesh tokens: who is calling inside the mesh, signed by the gateway or by a service, at most 60 seconds old.

Signed and verified once per set of facts and then cached: a signature a request would cost as much as the request.
Source: RFC 7519, ES256; `docs/adr`, mesh tokens.
"""

import base64
import hashlib
import json
import time
from collections import OrderedDict
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.errors import Unauthorised
from contracts.values import CreditCode, DivisionCode, MandateId, OfficerId, OrganisationId, PartyId, PersonId, SessionId

LIFETIME_S: Final = 60
_RENEW_BEFORE_S: Final = 20
_LEEWAY_S: Final = 2
_CACHE_SIZE: Final = 20_000
_MAX_TOKEN_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """Who calls: the issuer that says so, and the party, person and officer it says it of.

    `person` or `organisation` is the subject: for whom the call is. `actor` is the person who signed on when that is
    somebody else; `mandate` is then the authority, `mandate_matters` the basic codes it is bound to (none: all).
    `assurance` is that of the sign-on, 0 without one. `permissions` are the ones granted at the door for the called service.
    `channel` is the code of the channel that the request came in by.
    """

    issuer: str
    party: PartyId | None = None
    party_kind: str = ""
    party_name: str = ""
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    person: PersonId | None = None
    officer: OfficerId | None = None
    assurance: int = 0
    auth_time: int = 0
    scene: str = ""
    purpose: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)
    organisation: OrganisationId | None = None
    actor: PersonId | None = None
    mandate: MandateId | None = None
    mandate_matters: tuple[str, ...] = ()
    session: SessionId | None = None
    channel: str = ""


_MEMBERS: Final = tuple(each.name for each in fields(CallerFacts))


class MeshSigner:
    """Mints mesh tokens with this process's own key."""

    def __init__(self, issuer: str, private_key_pem: bytes) -> None:
        self._issuer = issuer
        self._key = ECKey.import_key(private_key_pem)
        self._cache: OrderedDict[tuple[CallerFacts, str], tuple[str, float]] = OrderedDict()

    @classmethod
    def from_file(cls, issuer: str, path: Path) -> "MeshSigner":
        return cls(issuer, path.read_bytes())

    def token(self, facts: CallerFacts, audience: str) -> str:
        """A token for `audience` with at least 20 seconds to live; the same one while it lasts."""
        return self.minted(facts, audience)[0]

    def minted(self, facts: CallerFacts, audience: str) -> tuple[str, float]:
        """The same, and until when it may be handed out again."""
        now = time.time()
        cached = self._cache.get((facts, audience))
        if cached and cached[1] > now:
            return cached
        expires = int(now) + LIFETIME_S
        token = jwt.encode({"alg": "ES256", "typ": "mesh+jwt"}, _claims(facts, self._issuer, audience, int(now), expires), self._key)
        minted = self._cache[(facts, audience)] = (token, float(expires - _RENEW_BEFORE_S))
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return minted


def _claims(facts: CallerFacts, issuer: str, audience: str, issued: int, expires: int) -> dict[str, Any]:
    said = {name: value for name in _MEMBERS if (value := getattr(facts, name))}
    said["permissions"] = sorted(facts.permissions)
    said.pop("issuer", None)
    return said | {"iss": issuer, "aud": audience, "iat": issued, "exp": expires}


class MeshVerifier:
    """Believes tokens addressed to this service and signed by a known member of the mesh."""

    def __init__(self, audience: str, public_keys: dict[str, dict[str, Any]]) -> None:
        self._audience = audience
        self._keys = {issuer: ECKey.import_key(key) for issuer, key in public_keys.items()}
        self._cache: OrderedDict[bytes, tuple[CallerFacts, float]] = OrderedDict()

    @classmethod
    def from_file(cls, audience: str, path: Path) -> "MeshVerifier":
        """`path` holds one JSON object: issuer → public JWK."""
        return cls(audience, json.loads(path.read_text()))

    def facts(self, token: str) -> CallerFacts:
        """What the token says. Raises Unauthorised when it may not be believed."""
        digest = hashlib.sha256(token.encode()).digest()
        cached = self._cache.get(digest)
        if cached and cached[1] > time.time():
            return cached[0]
        claims = self._verified(token)
        facts = _facts(claims)
        self._cache[digest] = (facts, float(claims["exp"]))
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return facts

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_TOKEN_BYTES:
            raise Unauthorised("the mesh token is too long")
        try:
            issuer = str(json.loads(_payload(token)).get("iss"))
            decoded = jwt.decode(token, self._keys[issuer], algorithms=["ES256"])
        except (JoseError, ValueError, KeyError, AttributeError, IndexError):
            raise Unauthorised("the mesh token is not signed by a member of the mesh") from None
        claims, now = decoded.claims, time.time()
        times = (claims.get("iat"), claims.get("exp"))
        if decoded.header.get("typ") != "mesh+jwt" or claims.get("aud") != self._audience:
            raise Unauthorised("the mesh token is not for this service")
        if not all(isinstance(each, int) for each in times):
            raise Unauthorised("the mesh token has no times")
        if not claims["iat"] - _LEEWAY_S <= now < claims["exp"] <= claims["iat"] + LIFETIME_S:
            raise Unauthorised("the mesh token is out of date")
        return claims


def _payload(token: str) -> bytes:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _facts(claims: dict[str, Any]) -> CallerFacts:
    def of(kind: Any, name: str) -> Any:
        return kind(claims[name]) if claims.get(name) else None

    return CallerFacts(
        issuer=claims["iss"],
        party=of(PartyId, "party"),
        party_kind=claims.get("party_kind", ""),
        party_name=claims.get("party_name", ""),
        agency=of(CreditCode, "agency"),
        division=of(DivisionCode, "division"),
        person=of(PersonId, "person"),
        officer=of(OfficerId, "officer"),
        assurance=int(claims.get("assurance", 0)),
        auth_time=int(claims.get("auth_time", 0)),
        scene=claims.get("scene", ""),
        purpose=claims.get("purpose", ""),
        permissions=frozenset(claims.get("permissions", ())),
        organisation=of(OrganisationId, "organisation"),
        actor=of(PersonId, "actor"),
        mandate=of(MandateId, "mandate"),
        mandate_matters=tuple(claims.get("mandate_matters", ())),
        session=of(SessionId, "session"),
        channel=claims.get("channel", ""),
    )
