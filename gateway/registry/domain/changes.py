"""三员分立: a change that widens access is proposed by one officer and decided by another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from chassis.errors import Conflict, NotFound
from contracts.problems import gateway as problems
from contracts.values import Id, OfficerId
from gateway.registry.domain.parties import SameOfficerMayNotApprove

PROPOSED: Final = "proposed"
IN_FORCE: Final = "in-force"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"


class NoSuchChange(NotFound):
    problem = problems.CHANGE_NOT_FOUND


class ChangeIsDecided(Conflict):
    problem = problems.CHANGE_DECIDED


class NotTheProposer(Conflict):
    problem = problems.NOT_THE_PROPOSER


class ChangeHasNoEffect(Conflict):
    problem = problems.CHANGE_WITHOUT_EFFECT


@dataclass(frozen=True, slots=True)
class Change:
    """`content` is JSON of the model of its kind, `target` what it is about. Who decides again as before is told how it stands."""

    id: Id
    kind: str
    target: str
    content: Mapping[str, Any]
    reason: str
    proposed_by: OfficerId
    proposed_at: datetime
    state: str = PROPOSED
    reviewed_by: OfficerId | None = None
    reviewed_at: datetime | None = None
    note: str | None = None

    def approve(self, *, by: OfficerId, at: datetime) -> "Change":
        return self._review(IN_FORCE, by, at, None)

    def refuse(self, note: str, *, by: OfficerId, at: datetime) -> "Change":
        return self._review(REFUSED, by, at, note)

    def withdraw(self, *, by: OfficerId, at: datetime) -> "Change":
        if by != self.proposed_by:
            raise NotTheProposer
        if self.state == WITHDRAWN:
            return self
        self._check_open()
        return replace(self, state=WITHDRAWN, reviewed_at=at)

    def _review(self, state: str, by: OfficerId, at: datetime, note: str | None) -> "Change":
        if by == self.proposed_by:
            raise SameOfficerMayNotApprove
        if (self.state, self.reviewed_by) == (state, by):
            return self
        self._check_open()
        return replace(self, state=state, reviewed_by=by, reviewed_at=at, note=note)

    def _check_open(self) -> None:
        if self.state != PROPOSED:
            raise ChangeIsDecided(f"the change is {self.state}")
