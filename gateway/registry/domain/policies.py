"""授权管理 as rules: a text becomes the policies that are decided by. proposed → in-force → replaced, or withdrawn."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import gateway as problems
from contracts.values import OfficerId
from gateway.policies import Fault, Policies, cases, schema


class NoSuchPolicyVersion(NotFound):
    problem = problems.POLICY_VERSION_NOT_FOUND


class PolicyVersionIsNotProposed(Conflict):
    problem = problems.POLICY_VERSION_NOT_PROPOSED


class PolicyVersionIsOvertaken(Conflict):
    problem = problems.POLICY_VERSION_OVERTAKEN


class SameOfficerMayNotApprovePolicies(Conflict):
    problem = problems.SAME_OFFICER


class PolicyTextIsNotAcceptable(Invalid):
    problem = problems.POLICY_TEXT_NOT_ACCEPTABLE


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """`files` is the whole text by name. `based_on` was in force when it was proposed; the release's own text has no proposer."""

    version: int
    files: Mapping[str, str]
    state: str
    note: str
    proposed_at: datetime
    based_on: int | None = None
    proposed_by: OfficerId | None = None
    approved_by: OfficerId | None = None
    loaded_at: datetime | None = None

    @property
    def digest(self) -> str:
        return digest_of(self.files)

    def approve(self, *, by: OfficerId, at: datetime, in_force: int | None) -> "PolicyVersion":
        """Raises for one that does not wait, for its own proposer, and where other policies came into force meanwhile."""
        self._check_proposed()
        if by == self.proposed_by:
            raise SameOfficerMayNotApprovePolicies
        if in_force != self.based_on:
            raise PolicyVersionIsOvertaken(f"version {in_force} is in force")
        return replace(self, state="in-force", approved_by=by, loaded_at=at)

    def withdraw(self) -> "PolicyVersion":
        self._check_proposed()
        return replace(self, state="withdrawn")

    def _check_proposed(self) -> None:
        if self.state != "proposed":
            raise PolicyVersionIsNotProposed(f"the version is {self.state}")


def digest_of(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def check_text(version: int, files: Mapping[str, str]) -> Policies:
    """The policies of a text that may come into force.

    Raises: PolicyTextIsNotAcceptable naming file, line and policy of what cannot be read, of what the schema does not
    know, of cases that come out otherwise, and of policies without a case for either outcome.
    """
    _refuse(schema.faults(files))
    try:
        policies = Policies(version, files)
    except ValueError as reason:
        raise PolicyTextIsNotAcceptable(str(reason)) from reason
    _refuse(cases.faults(policies, files))
    return policies


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise PolicyTextIsNotAcceptable(f"{len(faults)} faults", faults=[asdict(fault) for fault in faults[:50]])
