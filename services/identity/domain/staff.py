"""Officers of agencies: where they sit and what their duties are."""

from dataclasses import dataclass
from datetime import datetime

from contracts.values import CreditCode, OfficerId, PersonName, StaffId


@dataclass(frozen=True, slots=True)
class Staff:
    """One officer 工作人员 of one agency. `password` is an argon2id hash, None before it is first set."""

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
    failures: int = 0
    locked_until: datetime | None = None
