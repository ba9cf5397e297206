"""资源管理 as rules: what may be done to a registered route by one officer, what takes two, and what its answers then say."""

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from chassis.errors import Conflict, NotFound
from contracts.problems import sharing as problems
from contracts.values import OfficerId
from gateway.snapshot import Headers

_NARROWNESS: Final = {"unconditional": 0, "conditional": 1, "none": 2}
_NEEDED: Final = ("resource:", "change:")
"""Permissions of the routes by which a resource comes back: without them nobody could undo anything."""


class NoSuchResource(NotFound):
    problem = problems.RESOURCE_NOT_FOUND


class NeedsSecondOfficer(Conflict):
    """It widens access."""

    problem = problems.NEEDS_SECOND_OFFICER


class ResourceIsNeeded(Conflict):
    problem = problems.RESOURCE_IS_NEEDED


class ResourceIsRetired(Conflict):
    problem = problems.RESOURCE_IS_RETIRED


class ResourceIsActive(Conflict):
    problem = problems.RESOURCE_IS_ACTIVE


@dataclass(frozen=True, slots=True)
class Registered:
    """What operators decide about a route. `classified_by` is who last set grade or sharing in the place of the declared ones."""

    method: str
    path: str
    permission: str
    grade: int
    sharing: str
    state: str = "active"
    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None
    successor: str | None = None
    reason: str | None = None
    changed_by: OfficerId | None = None
    classified_by: OfficerId | None = None

    def deprecate(self, since: datetime, until: datetime | None, successor: str | None, reason: str, *, by: OfficerId) -> "Registered":
        """A later end than the one announced takes two officers."""
        if self.state == "retired":
            raise ResourceIsRetired
        if self.sunset_at is not None and (until is None or until > self.sunset_at):
            raise NeedsSecondOfficer("the end was announced earlier than that")
        if until is not None:
            self._check_not_needed()
        kept = self.successor if successor is None else successor
        return replace(self, state="deprecated", deprecated_at=since, sunset_at=until, successor=kept, reason=reason, changed_by=by)

    def retire(self, reason: str, *, by: OfficerId) -> "Registered":
        self._check_not_needed()
        if self.state == "retired":
            raise ResourceIsRetired
        return replace(self, state="retired", reason=reason, changed_by=by)

    def classify(self, grade: int | None, sharing: str | None, reason: str, *, by: OfficerId) -> "Registered":
        """Narrower or the same. Raises NeedsSecondOfficer."""
        wanted = self._classified(grade, sharing, reason, by)
        if wanted.grade < self.grade or _NARROWNESS[wanted.sharing] < _NARROWNESS[self.sharing]:
            raise NeedsSecondOfficer("a lower grade or wider sharing")
        return wanted

    def widen(self, grade: int | None, sharing: str | None, until: datetime | None, reason: str, *, by: OfficerId) -> "Registered":
        """What two officers agreed on."""
        wanted = self if grade is None and sharing is None else self._classified(grade, sharing, reason, by)
        return replace(wanted, sunset_at=until or self.sunset_at, reason=reason, changed_by=by)

    def reactivate(self, reason: str, *, by: OfficerId) -> "Registered":
        """What two officers agreed on. Raises ResourceIsActive."""
        if self.state == "active":
            raise ResourceIsActive
        return replace(self, state="active", deprecated_at=None, sunset_at=None, successor=None, reason=reason, changed_by=by)

    def _classified(self, grade: int | None, sharing: str | None, reason: str, by: OfficerId) -> "Registered":
        return replace(
            self,
            grade=grade or self.grade,
            sharing=sharing or self.sharing,
            reason=reason,
            changed_by=by,
            classified_by=by,
        )

    def _check_not_needed(self) -> None:
        if self.permission.startswith(_NEEDED):
            raise ResourceIsNeeded


def notices(deprecated_at: datetime | None, sunset_at: datetime | None, successor: str | None) -> Headers:
    """Headers that the answers of a leaving route carry. Source: RFC 9745 sections 2 and 4, RFC 8594 section 3, RFC 5829."""
    found: list[tuple[bytes, bytes]] = []
    if deprecated_at is not None:
        found.append((b"deprecation", b"@%d" % int(deprecated_at.timestamp())))
    if sunset_at is not None:
        found.append((b"sunset", format_datetime(sunset_at, usegmt=True).encode()))
    if successor is not None and found:
        found.append((b"link", f'<{successor}>; rel="successor-version"'.encode()))
    return tuple(found)
