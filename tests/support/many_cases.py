"""Cases of many units and matters, as rows: for what only looks at them."""

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.sealing import Sealer
from contracts.uuid7 import uuid7
from contracts.values import BasicCode, CaseNumber, CreditCode, DivisionCode, PersonId, TaskCode
from services.application.domain.lifecycle import Act, Status
from services.application.tables import cases, clocks, history
from tests.support.cases import AGENCY
from tests.support.clock import TODAY

DIVISIONS = [DivisionCode(code) for code in ("310101", "310104", "310105")]
AGENCIES = [AGENCY, CreditCode("11310000TE5T90015G"), CreditCode("91350100M000100Y43")]
MATTERS = [BasicCode.of("31", "01", 1, 900 + place) for place in range(8)]
OPEN = frozenset({"submitted", "prereview", "correction", "accepted", "reviewing", "suspended", "granted", "refused", "delivering"})


@dataclass(frozen=True, slots=True)
class Known:
    """A case as the test knows it; `taken_in_by` are an agency and a division, `handed_out_by` is a division."""

    id: str
    number: CaseNumber
    person: PersonId
    agency: CreditCode
    division: DivisionCode
    matter: str
    status: str
    submitted_at: datetime
    due_at: datetime | None
    taken_in_by: tuple[str, str] | None
    handed_out_by: str | None


def known(chosen: random.Random, place: int, people: list[PersonId]) -> Known:
    agency, matter = chosen.choice(AGENCIES), chosen.choice(MATTERS)
    status = chosen.choice([*sorted(OPEN), "closed", "not_accepted", "withdrawn"])
    has_due = status in OPEN and chosen.random() < 0.8
    at = TODAY - timedelta(days=20) + timedelta(minutes=place)
    number = CaseNumber.of(TaskCode.of(agency, 4, matter), at.date(), place + 1)
    # Few days, so that many are due at the very same moment.
    due_at = TODAY + timedelta(days=chosen.randint(-3, 3)) if has_due else None
    taken_in_by = (chosen.choice(AGENCIES), chosen.choice(DIVISIONS)) if chosen.random() < 0.5 else None
    return Known(
        id=str(uuid7()),
        number=number,
        person=chosen.choice(people),
        agency=agency,
        division=chosen.choice(DIVISIONS),
        matter=str(matter),
        status=status,
        submitted_at=at,
        due_at=due_at,
        taken_in_by=taken_in_by,
        handed_out_by=chosen.choice(DIVISIONS) if chosen.random() < 0.5 else None,
    )


async def put(database: Database, sealer: Sealer, all_known: list[Known]) -> None:
    async with database.transaction() as session:
        await session.execute(sa.insert(cases), [_row(each, sealer) for each in all_known])
        clocked = [_clock(each) for each in all_known if each.due_at]
        if clocked:
            await session.execute(sa.insert(clocks), clocked)


async def move(database: Database, case: Known, *, at: datetime = TODAY) -> None:
    """A record in its history, committed."""
    record = {
        "case_id": case.id, "revision": 1, "act": Act.ACCEPT.value, "from_status": None, "to_status": case.status, "role": "clerk",
        "by": "示例", "began_at": at, "at": at, "changes": {},
    }  # fmt: skip
    async with database.transaction() as session:
        await session.execute(sa.insert(history).values(record))


def _row(case: Known, sealer: Sealer) -> dict[str, Any]:
    identity = {"name": "示例·甲一", "resident_id": "31999919900515001X"}
    taken_in_by, taken_in_at = case.taken_in_by or (None, None)
    return {
        "id": case.id, "number": case.number, "person_id": case.person, "task_code": case.number.task_code, "version": 1,
        "matter_name": f"示例·事项 {case.matter[-6:]}", "agency": case.agency, "agency_name": "示例·承办单位", "division": case.division,
        "promised_working_days": 9, "is_illustrative": True, "revision": 1, "status": Status(case.status).value,
        "applicant": sealer.seal(json.dumps(identity)), "form": sealer.seal("[]"), "submitted_at": case.submitted_at,
        "applicant_number": sealer.seal(identity["resident_id"]), "applicant_key": sealer.lookup(identity["resident_id"]),
        "is_deemed_accepted": False, "suspensions": [], "limits": {}, "channel": "mobile", "notice_citations": [], "course": {}, "grounds": [],
        "receiving_unit": taken_in_by, "receiving_division": taken_in_at, "delivering_division": case.handed_out_by,
    }  # fmt: skip


def _clock(case: Known) -> dict[str, Any]:
    return {
        "case_id": case.id, "is_open": True, "is_first": False, "is_provisional": False, "received_at": case.submitted_at,
        "due_at": case.due_at, "settled": [],
    }  # fmt: skip
