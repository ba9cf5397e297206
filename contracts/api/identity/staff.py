"""Officers of agencies."""

from typing import Annotated

from pydantic import Field

from contracts.strict import Answer, Instant, Line, Model
from contracts.values import CreditCode, OfficerId, PersonName, StaffId

Duties = Annotated[list[Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")]], Field(max_length=20)]


class EnrolStaff(Model):
    """`agency` is for operators; a system of an agency enrols its own."""

    agency: CreditCode | None = None
    number: OfficerId
    name: PersonName
    department: Line
    window: Line | None = None
    duties: Duties = []


class MoveStaff(Model):
    """Absent fields stay; a `null` window is none."""

    department: Line | None = None
    window: Line | None = None
    duties: Duties | None = None


class Staff(Answer):
    staff_id: StaffId
    agency: CreditCode
    number: OfficerId
    name: str
    department: str
    window: str | None
    duties: list[str]
    status: str
    has_password: bool
    created_at: Instant


class Activation(Answer):
    """The code with which the officer sets the first proofs. It is told once."""

    staff_id: StaffId
    activation_code: str
    expires_at: Instant
