"""The life of a matter: its versions come into force in their order; it is in use, suspended or retired. Source: ADR-0038."""

from datetime import datetime
from typing import Final, Literal

from chassis.errors import Conflict, Invalid, NotFound
from contracts.api.catalogue import ChangeKind
from contracts.problems import catalogue as problems

State = Literal["in_use", "suspended", "retired"]
KINDS: Final[dict[State, ChangeKind]] = {"in_use": "resumed", "suspended": "suspended", "retired": "retired"}
"""What the feed calls it."""
_FROM: Final[dict[State, frozenset[str]]] = {
    "in_use": frozenset({"suspended"}),
    "suspended": frozenset({"in_use"}),
    "retired": frozenset({"in_use", "suspended"}),
}


class VersionScheduled(Conflict):
    problem = problems.VERSION_SCHEDULED


class NoSuchVersion(NotFound):
    problem = problems.VERSION_NOT_FOUND


class MatterSuspended(Conflict):
    """`reason` and `since` are said to whoever would apply."""

    problem = problems.MATTER_SUSPENDED


class MatterRetired(Conflict):
    problem = problems.MATTER_RETIRED


class MatterNotInThisState(Conflict):
    problem = problems.MATTER_STATE


class EffectiveInThePast(Invalid):
    problem = problems.EFFECTIVE_IN_THE_PAST


def check_change(state: str, to: State) -> None:
    """Raises MatterNotInThisState unless what is in `state` can become `to`; what is retired stays so."""
    if state not in _FROM[to]:
        raise MatterNotInThisState(f"the matter is {state} then", state=state)


def check_usable(state: str, reason: str | None, since: datetime | None) -> None:
    """Raises MatterSuspended or MatterRetired: only what is in use can be applied for."""
    said = {} if reason is None or since is None else {"reason": reason, "since": since.isoformat()}
    if state == "suspended":
        raise MatterSuspended(**said)
    if state == "retired":
        raise MatterRetired(**said)


def from_moment(asked: datetime | None, at: datetime) -> datetime:
    """When something is in force: now unless said. Raises EffectiveInThePast."""
    if asked is not None and asked < at:
        raise EffectiveInThePast
    return asked or at
