"""Officers of agencies: where they sit and what their duties are."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chassis.errors import Conflict, Forbidden, NotFound
from contracts.problems import identity as problems
from contracts.values import CreditCode, OfficerId, PersonName, StaffId

MANAGES_STAFF: Final = "staff-management"
"""The duty that lets an officer keep the staff of their own agency."""
ACTIVATION_LIFE: Final = timedelta(days=3)


class NoSuchStaff(NotFound):
    problem = problems.STAFF_NOT_FOUND


class StaffNumberIsTaken(Conflict):
    problem = problems.STAFF_NUMBER_TAKEN


class NotAStaffManager(Forbidden):
    problem = problems.NOT_STAFF_MANAGER


@dataclass(frozen=True, slots=True)
class Staff:
    """One officer 工作人员 of one agency. `password` is an argon2id hash, None before it is first set.

    `activation` is the digest of the code with which it is set.
    """

    id: StaffId
    agency: CreditCode
    number: OfficerId
    name: PersonName
    department: str
    window: str | None
    duties: tuple[str, ...]
    password: str | None
    created_at: datetime
    status: str = "active"
    activation: bytes | None = None
    activation_expires_at: datetime | None = None

    def may_be_activated(self, code: bytes, at: datetime) -> bool:
        """Whether this digest is that of the running activation code."""
        is_running = self.activation_expires_at is not None and at < self.activation_expires_at
        return is_running and hmac.compare_digest(self.activation or b"", code)

    @property
    def manages_staff(self) -> bool:
        return self.status == "active" and MANAGES_STAFF in self.duties

    def suspended(self) -> "Staff":
        return replace(self, status="suspended")

    def reinstated(self) -> "Staff":
        return replace(self, status="active")
