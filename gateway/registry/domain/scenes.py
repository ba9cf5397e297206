"""场景授权 as rules: a scene is applied for, answered by everybody whose data it is, expires, and may be revoked at once.

applied → approved | refused; approved → revoked; expired is a matter of time. Source: facts of standards, section 7.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.problems import gateway as gateway_problems
from contracts.problems import sharing as problems
from contracts.values import CreditCode, OfficerId, PartyId
from gateway.registry.domain.data_items import DataItem

PLATFORM: Final = "operator"
"""The side that answers for what needs no supplier's consent."""


class NoSuchScene(NotFound):
    problem = problems.SCENE_NOT_FOUND


class SceneDoesNotAwaitThis(Conflict):
    problem = problems.SCENE_NOT_AWAITING


class SceneIsNotInForce(Conflict):
    problem = problems.SCENE_NOT_IN_FORCE


class SceneIsNotAcceptable(Invalid):
    """`errors` are [{field, rule}]."""

    problem = problems.SCENE_NOT_ACCEPTABLE


class SameOfficerMayNotAnswer(Conflict):
    problem = gateway_problems.SAME_OFFICER


class SceneOfAnother(Forbidden):
    """Only those whose scene or data it is, and operators, may end it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a scene may ask of one item. `mode` is verify or query; who may query may also verify."""

    item: str
    mode: str
    fields: tuple[str, ...]
    why_query: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`side` is a supplier's credit code or `PLATFORM`, `outcome` approve or refuse."""

    side: str
    outcome: str
    by: OfficerId
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """`asked` are the sides that must agree. Days are the city's, both included."""

    id: str
    demander: PartyId
    demander_name: str
    agency: CreditCode | None
    name: str
    matters: tuple[str, ...]
    items: tuple[Grant, ...]
    certificate_types: tuple[str, ...]
    purpose: str
    basis: str
    provenance: str
    source: str | None
    daily_cap: int
    valid_from: date
    valid_to: date
    applied_by: OfficerId
    applied_at: datetime
    reply_due_on: date
    is_reply_due_provisional: bool
    asked: tuple[str, ...]
    state: str = "applied"
    approvals: tuple[Reply, ...] = ()
    revoked_by: OfficerId | None = None
    revoked_at: datetime | None = None
    revoked_for: str | None = None

    @property
    def awaits(self) -> tuple[str, ...]:
        if self.state != "applied":
            return ()
        answered = {each.side for each in self.approvals}
        return tuple(side for side in self.asked if side not in answered)

    def state_on(self, day: date) -> str:
        """Expired is what nobody has to do: an approved scene behind its last day, and one that nobody approved until then."""
        return "expired" if self.state in {"applied", "approved"} and day > self.valid_to else self.state

    def grant_of(self, item: str) -> Grant | None:
        return next((each for each in self.items if each.item == item), None)

    def answered(self, side: str, outcome: str, reason: str | None, *, party: PartyId, by: OfficerId, at: datetime, day: date) -> "Scene":
        """The first refusal refuses the scene; the last missing approval puts it in force."""
        if side not in self.awaits or self.state_on(day) == "expired":
            raise SceneDoesNotAwaitThis
        if party == self.demander and by == self.applied_by:
            raise SameOfficerMayNotAnswer
        replied = replace(self, approvals=(*self.approvals, Reply(side, outcome, by, at, reason)))
        if outcome == "refuse":
            return replace(replied, state="refused")
        return replied if replied.awaits else replace(replied, state="approved")

    def revoked(self, reason: str, *, by: OfficerId, at: datetime, day: date) -> "Scene":
        """Also before it is answered: then it is taken back."""
        if self.state_on(day) not in {"applied", "approved"}:
            raise SceneIsNotInForce
        return replace(self, state="revoked", revoked_by=by, revoked_at=at, revoked_for=reason)

    def check_may_end(self, *, party: PartyId, agency: CreditCode | None, is_operator: bool) -> None:
        """Raises SceneOfAnother."""
        if not (is_operator or party == self.demander or agency in self.asked):
            raise SceneOfAnother


@dataclass(frozen=True, slots=True)
class Known:
    """What a scene that is applied for is checked against: items in use, which are refused by list, certificate types by sharing class."""

    items: Mapping[str, DataItem]
    negative: frozenset[str]
    types: Mapping[str, str]


def sides(grants: tuple[Grant, ...], types: tuple[str, ...], known: Known, *, at: datetime) -> tuple[str, ...]:
    """Who must agree: the supplier of each conditional item, and the platform for everything else.

    Raises SceneIsNotAcceptable naming each item, field or type and the rule that it breaks.
    """
    errors = [error for grant in grants for error in _item_errors(grant, known, at)]
    refused = (code for code in types if known.types.get(code, "none") == "none")
    errors += [{"field": code, "rule": "certificate-type-not-shared"} for code in refused]
    if errors:
        raise SceneIsNotAcceptable(errors=errors)
    owners = [known.items[each.item].owner for each in grants if known.items[each.item].sharing == "conditional"]
    is_platform_asked = bool(types) or any(known.items[each.item].sharing == "unconditional" for each in grants)
    return (*dict.fromkeys(str(owner) for owner in owners), *([PLATFORM] if is_platform_asked else []))


def _item_errors(grant: Grant, known: Known, at: datetime) -> list[dict[str, str]]:
    item = known.items.get(grant.item)
    if grant.item in known.negative:
        return [{"field": grant.item, "rule": "negative-list"}]
    if item is None or item.state != "active" or not item.is_in_use(at):
        return [{"field": grant.item, "rule": "item-not-in-use"}]
    if item.sharing == "none":
        return [{"field": grant.item, "rule": "item-not-shared"}]
    errors = [{"field": f"{grant.item}.{name}", "rule": "field-not-offered"} for name in sorted(set(grant.fields) - item.field_names)]
    if grant.mode not in item.modes:
        errors.append({"field": grant.item, "rule": "mode-not-offered"})
    elif grant.mode == "query" and "verify" in item.modes and not grant.why_query:
        errors.append({"field": grant.item, "rule": "verify-preferred"})
    return errors
