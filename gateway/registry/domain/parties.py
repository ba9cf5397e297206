"""接入管理 as rules: who may become a party, and how its life goes: applied → active → suspended."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import gateway as problems
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.snapshot import public_keys

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "k", "dp", "dq", "qi"})


class NoSuchParty(NotFound):
    problem = problems.PARTY_NOT_FOUND


class PartyDoesNotAwaitApproval(Conflict):
    problem = problems.PARTY_NOT_APPLIED


class SameOfficerMayNotApprove(Conflict):
    problem = problems.SAME_OFFICER


class PartyIsNotInUse(Conflict):
    problem = problems.PARTY_NOT_RUNNING


class KeyIsNotAcceptable(Invalid):
    problem = problems.KEY_NOT_ACCEPTABLE


class RedirectIsNotAcceptable(Invalid):
    problem = problems.REDIRECT_NOT_ACCEPTABLE


@dataclass(frozen=True, slots=True)
class Party:
    """`jwks` are public P-256 keys; `per_second` and `burst` bound its calls; `suspended_for` is the reason in words."""

    id: PartyId
    name: str
    kind: str
    status: str
    changed_at: datetime
    jwks: tuple[dict[str, Any], ...]
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    redirect_uris: tuple[str, ...] = ()
    officers: tuple[OfficerId, ...] = ()
    applied_by: OfficerId | None = None
    approved_by: OfficerId | None = None
    suspended_by: OfficerId | None = None
    suspended_for: str | None = None
    per_second: float = 200.0
    burst: int = 400

    def approve(self, *, by: OfficerId, at: datetime) -> "Party":
        if self.status != "applied":
            raise PartyDoesNotAwaitApproval(f"the party is {self.status}")
        if by == self.applied_by:
            raise SameOfficerMayNotApprove
        return replace(self, status="active", approved_by=by, changed_at=at)

    def suspend(self, reason: str, *, by: OfficerId, at: datetime) -> "Party":
        if self.status != "active":
            raise PartyIsNotInUse(f"the party is {self.status}")
        return replace(self, status="suspended", suspended_by=by, suspended_for=reason, changed_at=at)


def check_keys(jwks: tuple[dict[str, Any], ...]) -> None:
    """Raises KeyIsNotAcceptable for anything but public keys on P-256."""
    for jwk in jwks:
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or not all(isinstance(jwk.get(part), str) for part in ("x", "y")):
            raise KeyIsNotAcceptable("a key is not on P-256")
        if _PRIVATE_MEMBERS & jwk.keys():
            raise KeyIsNotAcceptable("a key is private; make a new pair and send the public half only")
    try:
        public_keys(list(jwks))
    except (JoseError, ValueError) as error:
        raise KeyIsNotAcceptable("a key is no point on P-256") from error


def check_redirects(uris: tuple[str, ...]) -> None:
    for uri in uris:
        parts = urlsplit(uri)
        is_loopback = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not (parts.scheme == "https" and parts.hostname) and not is_loopback:
            raise RedirectIsNotAcceptable
        if parts.fragment or "*" in uri:
            raise RedirectIsNotAcceptable
