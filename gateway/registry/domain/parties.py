"""接入管理 as rules: who may become a party, and how its life goes.

applied → testing → active, each step opened by another officer than the one who applied; suspended at once by one
officer, or expired on its day, and back to where it was by a change that two approve; withdrawn for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import gateway as problems
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.registry.domain.keys import PRODUCTION, SANDBOX, TLS, Key, KeyIsKnown, KeyIsNotAcceptable, NoSuchKey
from gateway.registry.domain.parties_terms import Terms, check_narrower

APPLIED: Final = "applied"
TESTING: Final = "testing"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
EXPIRED: Final = "expired"
WITHDRAWN: Final = "withdrawn"

DUTIES: Final = frozenset({"system", "security", "audit"})
HEAD: Final = "head"
"""机构负责人: what an officer of a district or a department may be beside an officer."""
_KEYS_AT_ONCE: Final = 5
_IN_USE: Final = frozenset({TESTING, ACTIVE})
TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "approve": frozenset({APPLIED}),
    "open_production": frozenset({TESTING}),
    "suspend": _IN_USE | {EXPIRED},
    "resume": frozenset({SUSPENDED}),
    "lapse": _IN_USE,
    "renew": _IN_USE | {EXPIRED},
    "withdraw": frozenset({APPLIED, TESTING, ACTIVE, SUSPENDED, EXPIRED}),
}
"""What can happen to a party → the states in which it can."""


class NoSuchParty(NotFound):
    problem = problems.PARTY_NOT_FOUND


class PartyDoesNotAwaitApproval(Conflict):
    problem = problems.PARTY_NOT_APPLIED


class SameOfficerMayNotApprove(Conflict):
    problem = problems.SAME_OFFICER


class PartyIsNotInUse(Conflict):
    problem = problems.PARTY_NOT_RUNNING


class PartyHasNoProductionKey(Conflict):
    problem = problems.PARTY_WITHOUT_KEY


class RedirectIsNotAcceptable(Invalid):
    problem = problems.REDIRECT_NOT_ACCEPTABLE


class DutiesAreNotApart(Invalid):
    problem = problems.DUTIES_NOT_APART


@dataclass(frozen=True, slots=True)
class Party:
    """`application` is what it applied for, in its own words; `channels` are the codes of those it may come through, the
    first its usual one (none: the usual one of its kind); `status_before` where it returns to when its rest is over.

    Each transition returns the party after it, the very same one where that officer had brought it about before: who
    asks again because an answer was lost is told how things stand.
    """

    id: PartyId
    name: str
    kind: str
    status: str
    changed_at: datetime
    keys: tuple[Key, ...] = ()
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    redirect_uris: tuple[str, ...] = ()
    officers: tuple[OfficerId, ...] = ()
    applied_by: OfficerId | None = None
    approved_by: OfficerId | None = None
    suspended_by: OfficerId | None = None
    suspended_for: str | None = None
    terms: Terms = field(default_factory=Terms)
    channels: tuple[str, ...] = ()
    duties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    application: Mapping[str, Any] = field(default_factory=dict)
    production_by: OfficerId | None = None
    production_at: datetime | None = None
    withdrawn_by: OfficerId | None = None
    withdrawn_for: str | None = None
    status_before: str | None = None

    @property
    def environment(self) -> str:
        """Whose keys its tokens are given for: those of the sandbox until production has opened."""
        return PRODUCTION if self.production_at or self.status == ACTIVE else SANDBOX

    def is_over(self, at: datetime) -> bool:
        """Still in use, although its day has come."""
        return self.status in _IN_USE and self.terms.expires_at is not None and self.terms.expires_at <= at

    def approve(self, *, by: OfficerId, at: datetime) -> "Party":
        if self.approved_by == by and self.status != APPLIED:
            return self
        if self.status not in TRANSITIONS["approve"]:
            raise PartyDoesNotAwaitApproval(f"the party is {self.status}")
        self._check_another(by)
        return replace(self, status=TESTING, approved_by=by, changed_at=at)

    def open_production(self, *, by: OfficerId, at: datetime) -> "Party":
        """Whether its conformance was shown is the caller's to know."""
        if self.production_by == by and self.production_at:
            return self
        self._check("open_production")
        self._check_another(by)
        if not self.keys_of(PRODUCTION, at):
            raise PartyHasNoProductionKey
        return replace(self, status=ACTIVE, production_by=by, production_at=at, changed_at=at)

    def suspend(self, reason: str, *, by: OfficerId, at: datetime) -> "Party":
        if (self.status, self.suspended_by, self.suspended_for) == (SUSPENDED, by, reason):
            return self
        self._check("suspend")
        before = self.status_before if self.status == EXPIRED else self.status
        return replace(self, status=SUSPENDED, status_before=before, suspended_by=by, suspended_for=reason, changed_at=at)

    def resume(self, *, at: datetime) -> "Party":
        """Back to where it was; who expired in the meantime still has."""
        self._check("resume")
        return replace(self, status=self._before(), status_before=None, suspended_by=None, suspended_for=None, changed_at=at)

    def lapse(self, *, at: datetime) -> "Party":
        """Its day has come."""
        self._check("lapse")
        return replace(self, status=EXPIRED, status_before=self.status, changed_at=at)

    def renew(self, until: datetime | None, *, at: datetime) -> "Party":
        self._check("renew")
        status, before = (self._before(), None) if self.status == EXPIRED else (self.status, self.status_before)
        return replace(self, status=status, status_before=before, terms=replace(self.terms, expires_at=until), changed_at=at)

    def withdraw(self, reason: str, *, by: OfficerId, at: datetime) -> "Party":
        """For good; also how an application is refused."""
        if (self.status, self.withdrawn_by, self.withdrawn_for) == (WITHDRAWN, by, reason):
            return self
        self._check("withdraw")
        return replace(self, status=WITHDRAWN, withdrawn_by=by, withdrawn_for=reason, changed_at=at)

    def restrict(self, terms: Terms, *, at: datetime) -> "Party":
        """Raises WidensAccess."""
        check_narrower(terms, self.terms)
        return self.under(terms, at=at)

    def under(self, terms: Terms, *, at: datetime) -> "Party":
        self._check_not_gone()
        return self if terms == self.terms else replace(self, terms=terms, changed_at=at)

    def with_officers(self, officers: tuple[OfficerId, ...], duties: Mapping[OfficerId, str], *, at: datetime) -> "Party":
        """Raises DutiesAreNotApart for a duty of a stranger or of another kind of party, and at a console for one that would be
        nobody's."""
        self._check_not_gone()
        said = set(duties.values())
        is_good = said == DUTIES if self.kind == "operator" else said <= {HEAD}
        if not duties.keys() <= set(officers) or not is_good:
            raise DutiesAreNotApart
        return replace(self, officers=officers, duties={each: (duty,) for each, duty in duties.items()}, changed_at=at)

    def with_redirects(self, uris: tuple[str, ...], *, at: datetime) -> "Party":
        """Raises RedirectIsNotAcceptable."""
        self._check_not_gone()
        check_redirects(uris)
        return replace(self, redirect_uris=uris, changed_at=at)

    def through(self, channels: tuple[str, ...], *, at: datetime) -> "Party":
        self._check_not_gone()
        return replace(self, channels=channels, changed_at=at)

    # Keys

    def keys_of(self, environment: str, at: datetime) -> tuple[Key, ...]:
        """Those to sign with, good at this time."""
        return tuple(each for each in self.keys if each.environment == environment and each.use != TLS and each.holds(at))

    def with_key(self, key: Key, *, at: datetime) -> "Party":
        """Raises KeyIsKnown for a key that it has or had, KeyIsNotAcceptable for one of its other environment or too many."""
        self._check_not_gone()
        alike = [each for each in self.keys if (each.environment, each.use == TLS) == (key.environment, key.use == TLS) and each.holds(at)]
        if len(alike) >= _KEYS_AT_ONCE:
            raise KeyIsNotAcceptable(f"a party has at most {_KEYS_AT_ONCE} keys at once; revoke one first")
        for known in self.keys:
            if known.thumbprint == key.thumbprint and known.environment != key.environment:
                raise KeyIsNotAcceptable("a key of the sandbox may not be one of production")
            if known.thumbprint == key.thumbprint or known.kid == key.kid:
                raise KeyIsKnown
        return replace(self, keys=(*self.keys, key), changed_at=at)

    def without_key(self, kid: str, *, by: OfficerId | None, at: datetime) -> "Party":
        """Raises NoSuchKey."""
        [*found] = (each for each in self.keys if each.kid == kid)
        if not found:
            raise NoSuchKey
        if found[0].revoked_at is not None:
            return self
        return replace(self, keys=tuple(each.revoke(by=by, at=at) if each.kid == kid else each for each in self.keys), changed_at=at)

    def _before(self) -> str:
        return self.status_before or (ACTIVE if self.production_at else TESTING)

    def _check(self, transition: str) -> None:
        if self.status not in TRANSITIONS[transition]:
            raise PartyIsNotInUse(f"the party is {self.status}")

    def _check_not_gone(self) -> None:
        if self.status == WITHDRAWN:
            raise PartyIsNotInUse(f"the party is {self.status}")

    def _check_another(self, by: OfficerId) -> None:
        if by == self.applied_by:
            raise SameOfficerMayNotApprove


def check_redirects(uris: tuple[str, ...]) -> None:
    for uri in uris:
        parts = urlsplit(uri)
        is_loopback = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not (parts.scheme == "https" and parts.hostname) and not is_loopback:
            raise RedirectIsNotAcceptable
        if parts.fragment or "*" in uri:
            raise RedirectIsNotAcceptable
