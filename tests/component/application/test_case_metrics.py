"""Figures of cases, recounted from the rows by other means."""

from collections import defaultdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from services.application.tables import cards, cases, history, materials
from tests.component.application.conftest import Intake
from tests.support import cases as said
from tests.support.clock import TODAY

_ZONE = ZoneInfo("Asia/Shanghai")


async def figures(intake: Intake) -> dict[str, tuple[int, int]]:
    facts = said.handler("op-001", kind="operator")
    since, until = (TODAY - timedelta(days=1)).isoformat(), (TODAY + timedelta(days=60)).isoformat()
    path = f"/case-metrics?since={since}&until={until}".replace("+", "%2B")
    answer = await intake.door.call("GET", path, facts=facts)
    assert answer.status_code == 200, answer.text
    return {each["code"]: (each["numerator"], each["denominator"]) for each in answer.json()["metrics"]}


async def recounted(intake: Intake) -> dict[str, tuple[int, int]]:
    """Out of whole tables, in Python."""
    async with intake.database.reading() as session:
        rows = [dict(row._mapping) for row in await session.execute(sa.select(cases))]
        lives: dict[str, list[Any]] = defaultdict(list)
        for row in await session.execute(sa.select(history).order_by(history.c.id)):
            lives[row.case_id].append(row)
        files = {row.case_id for row in await session.execute(sa.select(materials)) if row.way == "file"}
        raised = (await session.execute(sa.select(cards))).all()
    accepted = [row for row in rows if row["accepted_at"]]
    decided = [row for row in rows if row["decided_at"]]

    def day(at: Any) -> Any:
        return at.astimezone(_ZONE).date()

    answers = direct = begun = in_time = 0
    for life in lives.values():
        asked_from = None
        started = None
        for each in life:
            if each.to_status == "correction":
                asked_from = each.from_status
            if each.act == "corrected":
                answers += 1
                direct += each.to_status == asked_from
            if each.act == "prereview_begun":
                started = each.at
            elif started is not None and each.from_status == "prereview":
                begun += 1
                in_time += each.at - started <= timedelta(hours=24)
                started = None
    return {
        "online-share": (sum(row["channel"] in {"pc", "mobile", "kiosk"} for row in accepted), len(accepted)),
        "decided-at-once": (sum(day(row["accepted_at"]) == day(row["decided_at"]) for row in decided), len(decided)),
        "decided-in-time": (sum(bool(row["due_on"]) and day(row["decided_at"]) <= row["due_on"] for row in decided), len(decided)),
        "decided-by-table": (sum(row["decided_by"] == "auto-decision" for row in decided), len(decided)),
        "returned": (sum(any(each.act == "correction_requested" for each in lives[row["id"]]) for row in rows), len(rows)),
        "returned-directly": (direct, answers),
        "without-upload": (sum(row["id"] not in files for row in rows), len(rows)),
        "prereviewed-in-time": (in_time, begun),
        "cards": (len(raised), len(rows)),
        "cards-answered": (sum(row.answered_at is not None for row in raised), len(raised)),
    }


async def test_every_figure_is_what_a_recount_gives(intake: Intake) -> None:
    number = await intake.granted()
    second = await intake.submitted("second")
    asked = {"text": "照片不清晰", "materials": ["vaccination-proof"]}
    facts = said.handler()
    answer = await intake.door.call("POST", f"/cases/{second}/correction-requests", facts=facts, json=asked, key="ask")
    assert answer.status_code == 200, answer.text
    intake.clock.advance(timedelta(days=1))
    body = {"materials": [{"code": "vaccination-proof", "file_id": await intake.upload(said.applicant(), said.PNG + b"again")}]}
    answer = await intake.door.call("POST", f"/cases/{second}/corrections", facts=said.applicant(), json=body, key="correct")
    assert answer.status_code == 200, answer.text
    await intake.submitted("third")
    found = await figures(intake)
    assert found == await recounted(intake)
    assert found["returned"] == (1, 3)
    assert found["returned-directly"] == (1, 1)
    assert found["decided-at-once"] == (1, 1)
    assert number
