"""Data items 数据项 that agencies share: who may publish one, where it may be answered, and how its life goes:
proposed → active → deprecated → retired, a new version in the place of the one before it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.http import addresses
from contracts.problems import sharing as problems
from contracts.values import CreditCode, OfficerId

IN_USE: Final = frozenset({"active", "deprecated"})


class NoSuchItem(NotFound):
    problem = problems.ITEM_NOT_FOUND


class ItemIsNotProposed(Conflict):
    problem = problems.ITEM_NOT_PROPOSED


class ItemIsInReview(Conflict):
    problem = problems.ITEM_IN_REVIEW


class ItemIsOfAnother(Forbidden):
    problem = problems.ITEM_OF_ANOTHER


class ItemIsNotInUse(Conflict):
    problem = problems.ITEM_NOT_IN_USE


class SupplierAddressIsNotAcceptable(Invalid):
    problem = problems.SUPPLIER_ADDRESS


@dataclass(frozen=True, slots=True)
class DataItem:
    """One version of an item. `fields` are {name, zh, en, grade}; ages are seconds; names are those of the catalogue."""

    code: str
    version: int
    name: str
    en: str
    owner: CreditCode
    owner_name: str
    level: str
    about: str
    fields: tuple[dict[str, Any], ...]
    sharing: str
    modes: tuple[str, ...]
    max_age_s: int
    refuses_stale: bool
    quota_per_day: int
    url: str
    result_name: str
    summary: str
    domain: str
    update_cycle: str
    quality_owner: str
    provenance: str
    published_at: datetime
    source: str | None = None
    state: str = "proposed"
    published_by: OfficerId | None = None
    reviewed_by: OfficerId | None = None
    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None
    successor: str | None = None
    reason: str | None = None

    @property
    def grade(self) -> int:
        return max(int(each["grade"]) for each in self.fields)

    @property
    def field_names(self) -> frozenset[str]:
        return frozenset(each["name"] for each in self.fields)

    def is_in_use(self, at: datetime) -> bool:
        return self.state in IN_USE and (self.sunset_at is None or at < self.sunset_at)

    def titles(self, names: tuple[str, ...]) -> tuple[str, ...]:
        known = {each["name"]: each["zh"] for each in self.fields}
        return tuple(known[name] for name in names)

    def reviewed(self, outcome: str, reason: str | None, *, by: OfficerId) -> "DataItem":
        if self.state != "proposed":
            raise ItemIsNotProposed
        return replace(self, state="active" if outcome == "approve" else "refused", reason=reason, reviewed_by=by)

    def left(self, state: str, until: datetime | None, successor: str | None, reason: str, *, at: datetime) -> "DataItem":
        """Announced or at once. An announced end may come earlier, not later: that would widen access again."""
        if not self.is_in_use(at):
            raise ItemIsNotInUse
        end = until if self.sunset_at is None or (until is not None and until < self.sunset_at) else self.sunset_at
        return replace(self, state=state, deprecated_at=self.deprecated_at or at, sunset_at=end, successor=successor, reason=reason)


def check_address(url: str, *, may_be_loopback: bool) -> None:
    """Raises SupplierAddressIsNotAcceptable."""
    try:
        addresses.check_address(url, may_be_loopback=may_be_loopback)
    except addresses.AddressIsNotAcceptable as error:
        raise SupplierAddressIsNotAcceptable(str(error)) from error
