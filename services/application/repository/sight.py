"""Who sees which cases, said to the database: the one predicate that every door stands behind. ADR-0048.

`domain/sight.py` asks the same of one case, where no statement can.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, cast, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from services.application.domain.applicant import Applicant
from services.application.domain.case import Scope
from services.application.domain.sight import Viewer
from services.application.repository.ownership import within_mandate, within_scope
from services.application.tables import cards, cases, work

Column = ColumnElement[Any]
UNIT: Final = "scope_unit"
MATTERS: Final = "scope_matters"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the rows of a table say whose they are."""

    division: Column
    agency: Column
    matter: Column


def matter_of(code: Column) -> Column:
    """The basic code in an implementation code or a case number."""
    return func.substr(code, literal_column("20"), literal_column("12"))


OF_CASES = Columns(cases.c.division, cases.c.agency, matter_of(cases.c.task_code))
OF_CARDS = Columns(cards.c.division, cards.c.agency, matter_of(cards.c.task_code))
# A row of work is of one unit, whichever kind that is.
OF_WORK = Columns(work.c.unit, work.c.unit, work.c.matter)


def visible(viewer: Viewer) -> Column:
    """Cases that the viewer sees: those that are decided here, and those that are taken in or handed out here just now."""
    return within_mandate(viewer) if isinstance(viewer, Applicant) else or_(*parts(viewer))


def parts(scope: Scope) -> tuple[Column, Column]:
    """The same cases in two, of which each is found by an index of its own: none is in both."""
    elsewhere = cases.c.id.in_(shared(scope))
    return decided(scope), elsewhere if scope.matters is None else elsewhere & in_matters(OF_CASES.matter, MATTERS, scope.matters)


def decided(scope: Scope, columns: Columns = OF_CASES) -> Column:
    """Rows of cases that the handler's unit decides."""
    ours = of_unit(scope, columns)
    return ours if scope.matters is None else ours & in_matters(columns.matter, MATTERS, scope.matters)


def shared(scope: Scope) -> Select[Any]:
    """Ids of cases that another unit decides and this one takes in or hands out just now; without the officer's limit."""
    of_others = (work.c.unit != work.c.division) & (work.c.unit != work.c.agency)
    return select(work.c.case_id).where(work.c.unit == bindparam(UNIT, scope.unit), of_others)


def taking_part(scope: Scope) -> Column:
    """Cases in which the handler's unit has a part at some time: who acts too early or too late is told so."""
    ours = within_scope(scope)
    return ours if scope.matters is None else ours & in_matters(OF_CASES.matter, MATTERS, scope.matters)


def of_unit(scope: Scope, columns: Columns) -> Column:
    """Without the officer's limit: for who walks the matters of `matters` one by one."""
    column, unit = (columns.division, scope.division) if scope.division else (columns.agency, scope.agency)
    return column == bindparam(UNIT, unit)


def matters(scope: Scope, wanted: Collection[str] | None) -> Sequence[str] | None:
    """The matters to look into: those that are `wanted`, within the officer's limit. None: all."""
    if scope.matters is None:
        return None if wanted is None else sorted(set(wanted))
    return sorted(scope.matters if wanted is None else scope.matters & set(wanted))


def in_matters(matter: Column, name: str, codes: Collection[str]) -> Column:
    """One bound array of this name, so that the statement is the same for every officer.

    Rows are looked up in a set that is made once for a statement; an array would be searched for each row.
    """
    return matter.in_(select(func.unnest(cast(bindparam(name, sorted(codes), ARRAY(TEXT)), ARRAY(TEXT))))).is_(true())


def bound(scope: Scope) -> dict[str, Any]:
    """What the predicate binds of a scope, for who keeps the statement and not the scope."""
    return {UNIT: scope.unit} | ({} if scope.matters is None else {MATTERS: sorted(scope.matters)})
