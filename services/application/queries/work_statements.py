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

from contracts.values import CreditCode, DivisionCode
from services.application.domain.case import Scope
from services.application.repository import sight
from services.application.tables import cards, cases, work

SHOWN: Final = (
    cases.c.number, cases.c.matter_name, cases.c.agency, cases.c.agency_name, cases.c.division, cases.c.status, cases.c.revision,
    cases.c.submitted_at,
)  # fmt: skip
"""Then `due_at` and `card`: what `WorkItem` says, in its order."""
_COLOURS: Final[ColumnElement[Any]] = literal_column("(ARRAY['blue', 'yellow', 'red'])", ARRAY(TEXT))
_INFINITY: Final[ColumnElement[Any]] = literal_column("CAST('infinity' AS timestamptz)")
_LAST_ID: Final[ColumnElement[Any]] = literal_column("CAST('ffffffff-ffff-ffff-ffff-ffffffffffff' AS uuid)")
_ONE: Final[ColumnElement[Any]] = literal_column("1")
# Its text names each value that is bound, as a kept text does.
_DIALECT: Final = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]
_PLACE_ID: Final = cast(bindparam("place_id", type_=TEXT), UUID(as_uuid=False))
_SIZE: Final = bindparam("size", type_=Integer)
_COUNTED: Final = bindparam("counted", type_=Integer)
_KEY: Final = (work.c.due_at, work.c.case_id)


@dataclass(frozen=True, slots=True)
class Shape:
    """`filters` are those that are said; `place` is where the page before ended, at a due or among those without; `is_counted` whether
    each row says how many there are."""

    is_by_due: bool
    is_of_division: bool
    is_limited: bool
    filters: frozenset[str]
    place: Literal["at", "never"] | None
    is_counted: bool

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
    counted = [_counted(shape)] if shape.is_counted else []
    query = select(*SHOWN, due, worst_card(), cases.c.id, *counted).join_from(keys, cases, cases.c.id == keys.c.case_id)
    query = query.order_by(*((keys.c.due_at, keys.c.case_id) if shape.is_by_due else (keys.c.case_id.desc(),)))
    return text(str(query.compile(dialect=_DIALECT)))


def running_due() -> ColumnElement[Any]:
    return select(func.nullif(work.c.due_at, _INFINITY)).where(_is_its_work()).scalar_subquery().label("due_at")


def worst_card() -> ColumnElement[Any]:
    """The colour of the worst of the open ones."""
    worst = _COLOURS[func.max(func.array_position(_COLOURS, cards.c.colour))]
    return select(worst).where(cards.c.case_id == cases.c.id, cards.c.answered_at.is_(None)).scalar_subquery().label("card")


def _counted(shape: Shape) -> ColumnElement[int]:
    one = select(_ONE.label("one"))
    if not shape.is_by_due:
        each = _either(*(one.where(part, *_of_cases(shape)).limit(_COUNTED) for part in sight.parts(shape.scope)))
    elif shape.is_walked:
        each = _of_matters(one.select_from(work).where(*_of_work(shape)).limit(_COUNTED), _matters())
    else:
        each = one.select_from(work).where(*_of_work(shape))
    return select(func.count()).select_from(each.limit(_COUNTED).subquery()).scalar_subquery().label("counted")


def _by_due(shape: Shape) -> CTE:
    if not shape.is_walked:
        return select(*_KEY).where(*_of_work(shape), *_after(shape)).order_by(*_KEY).limit(_SIZE).cte("keys")
    quick = _among_the_first(shape).cte("quick")
    found = select(func.count()).select_from(quick).scalar_subquery()
    rows = select(*_KEY).where(*_of_work(shape), *_after(shape)).order_by(*_KEY)
    walked = _walked(rows, _matters().where(found < _SIZE)).subquery("walked")
    return union_all(select(quick).where(found >= _SIZE), select(walked)).cte("keys")


def _among_the_first(shape: Shape) -> Select[Any]:
    """A page of the unit's most urgent cases that are of these matters and kinds, if they lie near enough to the front."""
    of_unit = sight.of_unit(shape.scope, sight.OF_WORK)
    first = select(*_KEY, work.c.matter, work.c.status, work.c.agency, work.c.division).where(of_unit, *_due_within(shape), *_after(shape))
    near = first.order_by(*_KEY).limit(bindparam("far", type_=Integer)).subquery("near")
    wanted = select(near.c.due_at, near.c.case_id).where(sight.in_matters(near.c.matter, "codes", ()), *_of_kind(shape, near.c))
    return wanted.order_by(near.c.due_at, near.c.case_id).limit(_SIZE)


def _walked(rows: Select[Any], matters: Select[Any]) -> Select[Any]:
    """A page of them, however far they lie: matter by matter, twice."""
    heads = _of_matters(rows.limit(bindparam("few", type_=Integer)), matters).subquery()
    bound = select(heads).order_by(heads.c.due_at, heads.c.case_id).offset(bindparam("last", type_=Integer)).limit(_ONE).cte("bound")
    last = (
        func.coalesce(select(bound.c.due_at).scalar_subquery(), _INFINITY),
        func.coalesce(select(bound.c.case_id).scalar_subquery(), _LAST_ID),
    )
    found = _of_matters(rows.where(tuple_(*_KEY) <= tuple_(*last)).limit(_SIZE), matters).subquery()
    return select(found).order_by(found.c.due_at, found.c.case_id).limit(_SIZE)


def _of_matters(rows: Select[Any], matters: Select[Any]) -> Select[Any]:
    """These rows of every matter."""
    matter = matters.subquery("matter")
    of_matter = lateral(rows.where(work.c.matter == matter.c.code))
    return select(*of_matter.c).select_from(matter.join(of_matter, true()))


def _matters() -> Select[Any]:
    codes = func.unnest(cast(bindparam("codes", type_=ARRAY(TEXT)), ARRAY(TEXT)))
    return select(codes.table_valued(column("code", TEXT)).render_derived("codes"))


def _after(shape: Shape) -> list[ColumnElement[bool]]:
    if shape.place is None:
        return []
    at = _INFINITY if shape.place == "never" else bindparam("place_at", type_=TIMESTAMP(timezone=True))
    return [tuple_(*_KEY) > tuple_(at, _PLACE_ID)]


def _by_submission(shape: Shape) -> CTE:
    due = select(work.c.due_at).where(_is_its_work()).scalar_subquery()
    rows = select(cases.c.id.label("case_id"), due.label("due_at")).where(*_of_cases(shape))
    if shape.place:
        rows = rows.where(cases.c.id < _PLACE_ID)
    rows = rows.order_by(cases.c.id.desc()).limit(_SIZE)
    found = _either(*(rows.where(part) for part in sight.parts(shape.scope))).subquery()
    return select(found).order_by(found.c.case_id.desc()).limit(_SIZE).cte("keys")


def _either(*rows: Select[Any]) -> Select[Any]:
    found = union_all(*(select(each.subquery()) for each in rows)).subquery()
    return select(found)


def _of_work(shape: Shape) -> list[ColumnElement[bool]]:
    return [sight.of_unit(shape.scope, sight.OF_WORK), *_due_within(shape), *_of_kind(shape, work.c)]


def _due_within(shape: Shape) -> list[ColumnElement[bool]]:
    conditions = {"due_after": work.c.due_at > _due("due_after"), "due_before": work.c.due_at < _due("due_before")}
    return [condition for name, condition in conditions.items() if name in shape.filters]


def _of_kind(shape: Shape, rows: Any) -> list[ColumnElement[bool]]:
    """Of `work`, or of some of its rows."""
    conditions = {
        "statuses": _one_of(rows.status),
        "agency": rows.agency == bindparam("agency"),
        "division": rows.division == bindparam("division"),
        "card": _has_card(rows.case_id),
    }
    return [condition for name, condition in conditions.items() if name in shape.filters]


def _of_cases(shape: Shape) -> list[ColumnElement[bool]]:
    its_work = exists().where(_is_its_work())
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


def _is_its_work() -> ColumnElement[bool]:
    """One row of the several that a case has: when it is due, all of them say."""
    return (work.c.case_id == cases.c.id) & (work.c.unit == cases.c.agency)


def _one_of(status: ColumnElement[str]) -> ColumnElement[bool]:
    return status == any_(bindparam("statuses", type_=ARRAY(TEXT)))


def _due(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=TIMESTAMP(timezone=True))


def _has_card(case_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(cards.c.case_id == case_id, cards.c.answered_at.is_(None), cards.c.colour == bindparam("card"))
