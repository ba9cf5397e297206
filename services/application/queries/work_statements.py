"""The statements of work lists: one for each shape of a question, made once and kept as text.

Putting one together costs more than running it, so whoever asks binds values to the kept one.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    TextClause,
    any_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    lateral,
    literal_column,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, TIMESTAMP, UUID
from sqlalchemy.dialects.postgresql.base import PGDialect

from contracts.api.application import Colour
from contracts.values import CreditCode, DivisionCode
from services.application.domain.case import Scope
from services.application.repository import sight
from services.application.tables import cards, cases, work

COLOURS: Final[tuple[Colour, ...]] = ("blue", "yellow", "red")
SHOWN: Final = (
    cases.c.id, cases.c.number, cases.c.matter_name, cases.c.agency, cases.c.agency_name, cases.c.division, cases.c.status,
    cases.c.revision, cases.c.submitted_at,
)  # fmt: skip
_INFINITY: Final[ColumnElement[Any]] = literal_column("CAST('infinity' AS timestamptz)")
_LAST_ID: Final[ColumnElement[Any]] = literal_column("CAST('ffffffff-ffff-ffff-ffff-ffffffffffff' AS uuid)")
_ONE: Final[ColumnElement[Any]] = literal_column("1")
# Its text names each value that is bound, as a kept text does.
_DIALECT: Final = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]
_PLACE_ID: Final = cast(bindparam("place_id", type_=TEXT), UUID(as_uuid=False))
_SIZE: Final = bindparam("size", type_=Integer)


@dataclass(frozen=True, slots=True)
class Shape:
    """`filters` are those that are said; `place` is where the page before ended, at a due or among those without."""

    is_by_due: bool
    is_of_division: bool
    is_limited: bool
    filters: frozenset[str]
    place: Literal["at", "never"] | None

    @property
    def scope(self) -> Scope:
        """A scope of this kind; its values are bound later."""
        unit = Scope(division=DivisionCode("310101")) if self.is_of_division else Scope(agency=CreditCode("11310101TE5T010192"))
        return Scope(unit.division, unit.agency, frozenset()) if self.is_limited else unit

    @property
    def is_walked(self) -> bool:
        """Matter by matter."""
        return self.is_limited or "matters" in self.filters


@lru_cache(maxsize=256)
def page(shape: Shape) -> TextClause:
    keys = _by_due(shape) if shape.is_by_due else _by_submission(shape)
    due = func.nullif(keys.c.due_at, _INFINITY).label("due_at")
    query = select(*SHOWN, due, worst_card()).join_from(keys, cases, cases.c.id == keys.c.case_id)
    return _kept(query.order_by(*((keys.c.due_at, keys.c.case_id) if shape.is_by_due else (keys.c.case_id.desc(),))))


@lru_cache(maxsize=256)
def count(shape: Shape) -> TextClause:
    one = select(_ONE.label("one"))
    if shape.is_by_due:
        each = _either(_walked(one.select_from(work), shape, _SIZE), _shared(one.select_from(work), shape))
    else:
        each = _either(*(one.where(part, *_of_cases(shape)).limit(_SIZE) for part in sight.parts(shape.scope)))
    state = cast(func.pg_current_snapshot(), TEXT).label("state")
    return _kept(select(func.count().label("number"), state).select_from(each.limit(_SIZE).subquery()))


def running_due() -> ColumnElement[Any]:
    due = select(func.nullif(work.c.due_at, _INFINITY)).where(work.c.case_id == cases.c.id)
    return due.scalar_subquery().label("due_at")


def worst_card() -> ColumnElement[Any]:
    """Of the open ones: its place in `COLOURS`."""
    rank = case(*((cards.c.colour == literal_column(f"'{each}'"), literal_column(str(place))) for place, each in enumerate(COLOURS)))
    worst = select(func.max(rank)).where(cards.c.case_id == cases.c.id, cards.c.answered_at.is_(None))
    return worst.scalar_subquery().label("card")


def _by_due(shape: Shape) -> CTE:
    key = (work.c.due_at, work.c.case_id)
    rows = select(*key).order_by(*key)
    if shape.place:
        at = _INFINITY if shape.place == "never" else bindparam("place_at", type_=TIMESTAMP(timezone=True))
        rows = rows.where(tuple_(*key) > tuple_(at, _PLACE_ID))
    if shape.is_walked:
        heads = _walked(rows, shape, bindparam("few", type_=Integer)).subquery()
        bound = select(heads).order_by(heads.c.due_at, heads.c.case_id).offset(bindparam("last", type_=Integer)).limit(_ONE).cte("bound")
        last = (
            func.coalesce(select(bound.c.due_at).scalar_subquery(), _INFINITY),
            func.coalesce(select(bound.c.case_id).scalar_subquery(), _LAST_ID),
        )
        rows = rows.where(tuple_(*key) <= tuple_(*last))
    found = _either(_walked(rows, shape, _SIZE), _shared(rows, shape)).subquery()
    return select(found).order_by(found.c.due_at, found.c.case_id).limit(_SIZE).cte("keys")


def _walked(rows: Select[Any], shape: Shape, each: ColumnElement[int]) -> Select[Any]:
    """At most `each` of the rows of every matter that is looked into; of all together where none is named."""
    rows = rows.where(sight.of_unit(shape.scope, sight.OF_WORK), *_of_work(shape)).limit(each)
    if not shape.is_walked:
        return rows
    codes = func.unnest(cast(bindparam("codes", type_=ARRAY(TEXT)), ARRAY(TEXT)))
    matter = codes.table_valued(column("code", TEXT)).render_derived("matter")
    of_matter = lateral(rows.where(work.c.matter == matter.c.code))
    return select(*of_matter.c).select_from(matter.join(of_matter, true()))


def _shared(rows: Select[Any], shape: Shape) -> Select[Any]:
    """Of what another unit decides and this one takes in or hands out: few, so that no index has to put them in order."""
    rows = rows.where(work.c.case_id.in_(sight.shared(shape.scope)), *_of_work(shape)).limit(_SIZE)
    return rows.where(sight.in_matters(work.c.matter, "codes", ())) if shape.is_walked else rows


def _either(*rows: Select[Any]) -> Select[Any]:
    found = union_all(*(select(each.subquery()) for each in rows)).subquery()
    return select(found)


def _by_submission(shape: Shape) -> CTE:
    due = select(work.c.due_at).where(work.c.case_id == cases.c.id).scalar_subquery()
    rows = select(cases.c.id.label("case_id"), due.label("due_at")).where(*_of_cases(shape))
    if shape.place:
        rows = rows.where(cases.c.id < _PLACE_ID)
    rows = rows.order_by(cases.c.id.desc()).limit(_SIZE)
    found = _either(*(rows.where(part) for part in sight.parts(shape.scope))).subquery()
    return select(found).order_by(found.c.case_id.desc()).limit(_SIZE).cte("keys")


def _of_work(shape: Shape) -> list[ColumnElement[bool]]:
    conditions = {
        "statuses": _one_of(work.c.status),
        "due_after": work.c.due_at > _due("due_after"),
        "due_before": work.c.due_at < _due("due_before"),
        "agency": work.c.agency == bindparam("agency"),
        "division": work.c.division == bindparam("division"),
        "card": _has_card(work.c.case_id),
    }
    return [condition for name, condition in conditions.items() if name in shape.filters]


def _of_cases(shape: Shape) -> list[ColumnElement[bool]]:
    its_work = exists().where(work.c.case_id == cases.c.id)
    conditions = {
        "matters": sight.in_matters(sight.OF_CASES.matter, "matters", ()),
        "statuses": _one_of(cases.c.status),
        "due_after": its_work.where(work.c.due_at > _due("due_after")),
        "due_before": its_work.where(work.c.due_at < _due("due_before")),
        "agency": cases.c.agency == bindparam("agency"),
        "division": cases.c.division == bindparam("division"),
        "card": _has_card(cases.c.id),
    }
    return [condition for name, condition in conditions.items() if name in shape.filters]


def _one_of(status: ColumnElement[str]) -> ColumnElement[bool]:
    return status == any_(bindparam("statuses", type_=ARRAY(TEXT)))


def _due(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=TIMESTAMP(timezone=True))


def _has_card(case_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(cards.c.case_id == case_id, cards.c.answered_at.is_(None), cards.c.colour == bindparam("card"))


def _kept(query: Select[*tuple[Any, ...]]) -> TextClause:
    return text(str(query.compile(dialect=_DIALECT)))
