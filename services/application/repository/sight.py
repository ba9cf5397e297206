"""Who sees which cases, said to the database: the one predicate that every door stands behind. ADR-0048.

`domain/sight.py` asks the same of one case, where no statement can.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, cast, func, literal_column, select, true
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


def visible(viewer: Viewer, columns: Columns = OF_CASES) -> Column:
    """Rows that the viewer sees. An applicant's are looked for in `cases` alone."""
    if isinstance(viewer, Applicant):
        return within_mandate(viewer)
    ours = of_unit(viewer, columns)
    return ours if viewer.matters is None else ours & in_matters(columns.matter, MATTERS, viewer.matters)


def taking_part(scope: Scope) -> Column:
    """Cases that the handler may open by their number: also those that they take in or hand out for another unit to decide."""
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
