"""What tables of automatic approval said, and which mode they are in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import BasicCode, CreditCode, DivisionCode, OfficerId
from services.application.domain.approval import Mode, NoApproval, Said, Switch
from services.application.domain.case import Case, Scope
from services.application.domain.lifecycle import UNATTENDED, Act
from services.application.repository import sight
from services.application.tables import approval_switches, automatic_decisions, cases, history

_SAID: Final = TypeAdapter(Said)
Unit = DivisionCode | CreditCode
"""Whose tables are switched together: those of a division, or of an agency."""
_OFF: Final = Switch(Mode.OFF, 0, UNATTENDED)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table said of a case, in which mode, and who has looked at it again. `grants` also in shadow mode."""

    said: Said
    mode: Mode
    version: int
    grants: bool
    at: datetime
    recheck_for: str | None
    rechecked_by: OfficerId | None
    agrees: bool | None
    recheck_reason: str | None

    @property
    def is_granted(self) -> bool:
        return self.grants and self.mode is Mode.LIVE


class Approvals:
    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def switch(self, case: Case) -> Switch:
        """In which mode the table of the case's matter is, and off whoever stopped it: the city, its unit, or the matter's own switch."""
        units = (case.division, case.agency)
        is_all = approval_switches.c.basic_code.is_(None) & (approval_switches.c.unit.is_(None) | approval_switches.c.unit.in_(units))
        is_own = approval_switches.c.unit.in_(units) & (approval_switches.c.basic_code == case.task_code.basic)
        rows = await self._newest(is_all | is_own)
        own = next((row for row in rows if row.basic_code is not None), None)
        if own is None or any(row.mode == Mode.OFF for row in rows):
            return _OFF
        return Switch(Mode(own.mode), own.sample_percent, OfficerId(own.by))

    async def own_switch(self, unit: Unit, basic_code: BasicCode) -> Switch:
        rows = await self._newest((approval_switches.c.unit == unit) & (approval_switches.c.basic_code == basic_code))
        return Switch(Mode(rows[0].mode), rows[0].sample_percent, OfficerId(rows[0].by)) if rows else _OFF

    async def of_unit(self, unit: Unit) -> Sequence[Row[Any]]:
        """What counts now for the unit, with what is said of the whole city."""
        return await self._newest((approval_switches.c.unit == unit) | approval_switches.c.unit.is_(None))

    async def compared(self, scope: Scope, basic_code: BasicCode) -> int:
        """Of how many cases the table was asked in shadow and an officer has decided."""
        shadow = (automatic_decisions.c.basic_code == basic_code) & (automatic_decisions.c.mode == Mode.SHADOW)
        query = select(func.count()).select_from(automatic_decisions).where(asked_within(scope), shadow, was_decided())
        return int((await self._session.execute(query)).scalar_one())

    async def _newest(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        names = (approval_switches.c.unit, approval_switches.c.basic_code)
        query = select(approval_switches).where(which).ext(distinct_on(*names)).order_by(*names, approval_switches.c.id.desc())
        return (await self._session.execute(query)).all()

    async def of_case(self, case: Case) -> Kept:
        """Raises NoApproval where no table was asked."""
        row = (await self._session.execute(select(automatic_decisions).where(automatic_decisions.c.case_id == case.id))).one_or_none()
        if row is None:
            raise NoApproval
        return Kept(
            said=_SAID.validate_json(self._sealer.open(row.said)),
            mode=Mode(row.mode),
            version=row.version,
            grants=row.is_grant,
            at=row.at,
            recheck_for=row.recheck_for,
            rechecked_by=OfficerId(row.rechecked_by) if row.rechecked_by else None,
            agrees=row.agrees,
            recheck_reason=row.recheck_reason,
        )

    @staticmethod
    def sealed(said: Said, sealer: Sealer) -> bytes:
        known: dict[str, Any] = _SAID.dump_python(said, mode="json")
        return sealer.seal(json.dumps(known, ensure_ascii=False))


def was_decided(act: Act | None = None) -> ColumnElement[bool]:
    """Whether an officer has decided the case of the row, in this way if one is named."""
    acts = (act,) if act else (Act.GRANT, Act.REFUSE)
    return exists().where(history.c.case_id == automatic_decisions.c.case_id, history.c.act.in_(acts), history.c.officer.is_not(None))


def asked_within(scope: Scope) -> ColumnElement[bool]:
    asked = automatic_decisions.c
    return sight.decided(scope, sight.Columns(asked.division, asked.agency, asked.basic_code))


def of_numbers() -> ColumnElement[bool]:
    return cases.c.id == automatic_decisions.c.case_id
