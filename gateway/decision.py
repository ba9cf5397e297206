"""What one walk through the six rooms decided, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from contracts.problems import ProblemType
from contracts.values import CaseNumber, MandateId, OfficerId, OrganisationId, PartyId, PersonId


class Room(StrEnum):
    """The six unified rules 六个统一."""

    PROTECTION = "protection"
    ACCESS = "access"
    USERS = "users"
    RESOURCES = "resources"
    AUTHORISATION = "authorisation"
    PORTAL = "portal"

    @property
    def zh(self) -> str:
        return _ZH[self]


_ZH = {
    Room.PROTECTION: "安全防护",
    Room.ACCESS: "接入管理",
    Room.USERS: "用户管理",
    Room.RESOURCES: "资源管理",
    Room.AUTHORISATION: "授权管理",
    Room.PORTAL: "门户集成",
}

GRANTED = "granted"
NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Deny:
    """A refusal is a value: which rule refused, and what the caller is told. `is_for_now` when what is missing is on its way."""

    problem: ProblemType
    rule: str
    detail: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)
    is_for_now: bool = False


@dataclass(slots=True, eq=False)
class Alike:
    """Shared by granted decisions that differ in nothing but request, time, trace, path, case, status, duration and limit.
    `text` is where the ledger keeps what it has made of the rest."""

    text: Any = None


@dataclass(slots=True)
class Decision:
    """One request's record. `rooms` holds the result of each room that was entered, in order.

    `facts` are what the authorisation was decided by, so that it can be decided again under any version of the policies;
    `limit` is the state of the limit that came closest to refusing; `alike` is what it has in common with others. `is_kept`
    once it has been given to the ledger, `names_insiders` when the caller said what only the mesh may say.
    """

    request_id: str
    at: datetime
    method: str
    path: str
    trace_id: str | None = None
    route: str = ""
    party: PartyId | None = None
    party_kind: str = ""
    person: PersonId | None = None
    organisation: OrganisationId | None = None
    actor: PersonId | None = None
    mandate: MandateId | None = None
    officer: OfficerId | None = None
    case_number: CaseNumber | None = None
    rooms: dict[str, str] = field(default_factory=dict)
    refused_by: str | None = None
    rule: str | None = None
    code: str | None = None
    policy_version: int = 0
    status: int = 0
    duration_ms: float = 0.0
    upstream: str = ""
    access: dict[str, Any] | None = None
    environment: str = "production"
    channel: str = ""
    scene: str = ""
    purpose: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    limit: Mapping[str, Any] = field(default_factory=dict)
    alike: Alike | None = None
    is_kept: bool = False
    names_insiders: bool = False

    @property
    def is_granted(self) -> bool:
        return self.refused_by is None


class Ledger(Protocol):
    def record(self, decision: Decision) -> None:
        """Keep the decision; never waits."""

    async def durable(self, decision: Decision) -> None:
        """Keep the decision and return when it is on disk. Raises Unavailable when that cannot be done in time."""
