"""秒批: a published table that may grant a case and never refuse it, and what it says about one.

Every other outcome goes to an officer, with the row and the facts. Source: ADR-0050.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from chassis.decisions import Table, Value, decide
from chassis.errors import Conflict, NotFound
from contracts.api.catalogue import DecisionTable, Input
from contracts.problems import application as problems
from contracts.values import CaseNumber, OfficerId
from services.application.domain.intake import FieldValue

ACCEPTS: Final = OfficerId("auto-acceptance")
DECIDES: Final = OfficerId("auto-decision")
"""Under which a case is accepted and decided where no officer was asked."""


class Mode(StrEnum):
    """`shadow`: the table is asked and an officer decides, so that both can be compared."""

    OFF = "off"
    SHADOW = "shadow"
    LIVE = "live"


class NotYetLive(Conflict):
    """A table goes live after a shadow run, switched on by another officer than began it."""

    problem = problems.APPROVAL_NOT_LIVE


class NoApproval(NotFound):
    problem = problems.NO_AUTOMATIC_DECISION


class NothingToRecheck(Conflict):
    problem = problems.NOTHING_TO_RECHECK


@dataclass(frozen=True, slots=True)
class Fact:
    """What the table looked at: `source` is `applicant`, whoever vouches for the value, or the certificate's type."""

    name: str
    zh: str
    en: str
    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the table says: `grants` only where every possible value of what is `missing` leads to a granting row."""

    table: str
    grants: bool
    row: str | None
    zh: str
    en: str
    rule: str | None
    facts: tuple[Fact, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """Which mode a matter's table is in, who said so, and of how many of a hundred automatic grants an officer looks at again."""

    mode: Mode
    sample_percent: int
    by: OfficerId

    def check(self, wanted: Mode, *, by: OfficerId, compared: int) -> None:
        """Off is always possible. Raises NotYetLive."""
        if wanted is Mode.LIVE and (self.mode is Mode.OFF or compared == 0 or by == self.by):
            raise NotYetLive(mode=self.mode.value, compared=compared)


def said_of(table: DecisionTable, values: Sequence[FieldValue], certificates: Collection[str]) -> Said:
    """What the table says about the values of a form and the types of the certificates that are used in the case."""
    facts = tuple(fact for each in table.inputs if (fact := _fact(each, values, certificates)))
    return judged(table, facts)


def judged(table: DecisionTable, facts: Sequence[Fact]) -> Said:
    """The same from facts that were kept: a decision can be made again, and must be the same."""
    known: Mapping[str, Value] = {fact.name: fact.value for fact in facts}
    decision = decide(Table.of(table.inputs, table.rows), known)
    rows = [row for row in table.rows if row.id in decision.lines]
    row = rows[0] if len(rows) == 1 else None
    titles = {each.name: (each.zh, each.en) for each in table.inputs}
    zh, en = (row.zh, row.en) if row else _unsure([titles[name] for name in decision.missing])
    return Said(
        table=table.code,
        grants=row is not None and decision.outcome == "yes",
        row=row.id if row else None,
        zh=zh,
        en=en,
        rule=row.rule.text if row else None,
        facts=tuple(facts),
        missing=decision.missing,
    )


def is_sampled(number: CaseNumber, percent: int) -> bool:
    """Whether an officer looks at this automatic grant again: nobody can tell before, everybody can recount afterwards."""
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:4]) % 100 < percent


def _unsure(missing: Sequence[tuple[str, str]]) -> tuple[str, str]:
    if not missing:
        return "须由工作人员判断", "An officer has to look at it."
    return (
        f"取决于办件中没有的信息：{'、'.join(zh for zh, _ in missing)}",
        f"It depends on what the case does not hold: {', '.join(en for _, en in missing)}",
    )


def _fact(asked: Input, values: Sequence[FieldValue], certificates: Collection[str]) -> Fact | None:
    """None where the case does not hold it, or holds what the table cannot take."""
    source = asked.source
    if source.kind == "certificate":
        return Fact(asked.name, asked.zh, asked.en, source.name in certificates, source.name or "")
    found = next((each for each in values if each.name == source.name), None)
    if found is None:
        return None
    value: Any = _age(str(found.value), on=found.at.date()) if source.taken == "age" else found.value
    [column] = Table.of([asked], []).columns
    return Fact(asked.name, asked.zh, asked.en, value, found.source) if column.has(value) else None


def _age(born: str, *, on: date) -> int | None:
    """Whole years."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))
