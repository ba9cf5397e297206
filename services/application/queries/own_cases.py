"""Cases for those whose they are, many by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ARRAY, Select, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from chassis.database import WriteSession
from contracts.api import application as api
from contracts.values import CaseNumber
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case
from services.application.domain.lifecycle import Act
from services.application.domain.materials import Way
from services.application.domain.sight import Seen, sees
from services.application.queries.presented import presented
from services.application.repository import CASE_COLUMNS, case_of
from services.application.tables import cases, history, materials

_step = func.json_build_array(history.c.at, history.c.act, history.c.by, history.c.note)
_owed = func.json_build_array(materials.c.code, materials.c.name, materials.c.due_on)
_OWN: Final[Select[Any]] = select(
    *CASE_COLUMNS,
    select(func.json_agg(aggregate_order_by(_step, history.c.id))).where(history.c.case_id == cases.c.id).scalar_subquery().label("steps"),
    select(func.json_agg(aggregate_order_by(_owed, materials.c.code)))
    .where(materials.c.case_id == cases.c.id, materials.c.way == Way.DEFERRED.value, materials.c.due_on.is_not(None))
    .scalar_subquery()
    .label("owed"),
).where(cases.c.number == any_(bindparam("numbers", type_=ARRAY(Text))))


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case with its steps and what is owed, for nobody yet."""

    case: Case
    steps: Sequence[Sequence[Any]]
    owed: Sequence[Sequence[Any]]

    def is_seen_by(self, applicant: Applicant) -> bool:
        case = self.case
        return sees(applicant, Seen(case.division, case.agency, case.task_code.basic, case.applicant.person, case.applicant.organisation))

    def presented(self, *, today: date) -> api.Case:
        """As `queries.cases.for_applicant` does."""
        return presented(self.case, [_step_of(*each) for each in self.steps], [_owed_of(*each, today=today) for each in self.owed])


async def own_cases(session: WriteSession, numbers: Sequence[CaseNumber]) -> list[OwnCase | None]:
    """Of each number, in this order; None where there is no such case."""
    rows = await session.execute(_OWN, {"numbers": numbers})
    found = {row.number: OwnCase(case_of(row), row.steps or (), row.owed or ()) for row in rows}
    return [found.get(number) for number in numbers]


def _step_of(at: str, act: str, by: str, note: str | None) -> api.Step:
    said = Act(act)
    return api.Step(at=datetime.fromisoformat(at), event=act, zh=said.zh, en=said.en, by=by, note=note)


def _owed_of(code: str, name: str, due_on: str, *, today: date) -> api.Owed:
    day = date.fromisoformat(due_on)
    return api.Owed(code=code, name=name, due_on=day, is_overdue=day < today)
