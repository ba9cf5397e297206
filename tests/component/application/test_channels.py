"""One desk for every channel: at a window and a kiosk, and by post, a submission is one case and says how it came in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.responses import JSONResponse

from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.api.identity.standing import Authority, KnownApplicant
from contracts.events.access import DataAccessed
from contracts.values import BasicCode, OfficerId
from services.application.tables import cases as case_rows
from services.application.tables import history
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.service import published

WHO = {"name": "示例·甲一", "document": {"type": "RIC", "number": "31999919900515001X"}}
VALUES = {"dog_name": "阿黄", "address": "示例路 1 号"}


def known(intake: Intake, *, ago: timedelta | None) -> None:
    """Identity knows the applicant, whom an officer of the agency saw so long ago."""
    seen_at = None if ago is None else intake.clock.now() - ago
    found = KnownApplicant(person_id=cases.PERSON, assurance=4, seen_at=seen_at, seen_by=OfficerId("hp-001") if ago else None)
    intake.neighbours.answers("identity", "POST", "/applicants", found)


async def body(intake: Intake, **changes: Any) -> dict[str, Any]:
    scanned = await intake.door.call("POST", "/window-files", facts=cases.handler(), content=cases.PNG, media_type="image/png")
    assert scanned.status_code == 201, scanned.text
    card = {"certificate_id": cases.CARD_ID, "purpose": "办理犬类准养证", "consent": True}
    materials = [{"code": "identity-card", "certificate": card}, {"code": "vaccination-proof", "file_id": scanned.json()["file_id"]}]
    return {"task_code": cases.TASK, "version": 1, "values": VALUES, "materials": materials, "applicant": WHO, **changes}


async def take_in(intake: Intake, said: dict[str, Any], facts: CallerFacts | None = None, key: str = "window") -> Any:
    return await intake.door.call("POST", "/window-cases", facts=facts or cases.handler(), json=said, key=key)


@pytest.mark.parametrize(("code", "channel"), [("portal", "pc"), ("app", "mobile"), ("miniprogram", "mobile"), ("kiosk", "kiosk")])
async def test_a_case_says_by_which_channel_it_came(intake: Intake, code: str, channel: str) -> None:
    facts = replace(cases.applicant(), channel=code)
    answer = await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts), key="k")
    assert (answer.status_code, answer.json()["channel"]) == (201, channel)
    again = await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts), key="k")
    assert (again.json()["number"], again.headers["idempotency-replayed"]) == (answer.json()["number"], "true")


async def test_an_officer_takes_in_what_somebody_brings_to_the_window_once(intake: Intake) -> None:
    known(intake, ago=timedelta(minutes=5))
    said = await body(intake)
    first = await take_in(intake, said)
    assert (first.status_code, first.json()["channel"]) == (201, "window"), first.text
    second = await take_in(intake, said)
    assert second.json() == first.json()
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(case_rows))).one()
        record = (await session.execute(sa.select(history).where(history.c.act == "submitted"))).one()
    assert (row.person_id, row.receiving_unit, row.channel) == (cases.PERSON, cases.AGENCY, "window")
    assert (record.role, record.officer) == ("window", "hp-001")
    mine = (await intake.door.call("GET", f"/cases/{row.number}", facts=cases.applicant())).json()
    assert mine["number"] == first.json()["number"]
    told = await published(intake.database, DataAccessed)
    assert {(each.owner, each.officer) for each in told} == {("identity", "hp-001"), ("certificate", "hp-001")}


@pytest.mark.parametrize("ago", [None, timedelta(hours=2, seconds=1)])
async def test_nobody_is_taken_in_at_a_window_who_was_not_there(intake: Intake, ago: timedelta | None) -> None:
    known(intake, ago=ago)
    answer = await take_in(intake, await body(intake))
    assert (answer.status_code, answer.json()["code"]) == (409, "presence-not-proven")
    by_post = await take_in(intake, await body(intake, channel="post"), key="post")
    assert (by_post.status_code, by_post.json()["channel"]) == (201, "post"), by_post.text


@pytest.mark.parametrize("refusal", [404, 422])
async def test_whose_account_the_document_is_not_is_told_so(intake: Intake, refusal: int) -> None:
    intake.neighbours.answers("identity", "POST", "/applicants", refusal)
    answer = await take_in(intake, await body(intake))
    assert (answer.status_code, answer.json()["code"]) == (422, "applicant-not-known")


async def test_what_another_agency_scanned_is_no_file_of_this_window(intake: Intake) -> None:
    known(intake, ago=timedelta(minutes=5))
    elsewhere = replace(cases.handler(), agency=cases.OTHER_AGENCY)
    answer = await take_in(intake, await body(intake), elsewhere)
    assert (answer.status_code, answer.json()["code"]) == (422, "file-not-found")


async def test_what_was_begun_at_home_is_finished_at_the_window_with_the_files_of_the_applicant(intake: Intake) -> None:
    known(intake, ago=timedelta(minutes=5))
    facts = cases.applicant()
    begun = {"task_code": cases.TASK, "version": 1, "values": {"dog_name": "阿黄"}}
    draft = (await intake.door.call("POST", "/drafts", facts=facts, json=begun, key="d")).json()
    said = await body(intake, draft_id=draft["draft_id"])
    said["materials"][1]["file_id"] = await intake.upload(facts)
    answer = await take_in(intake, said)
    assert answer.status_code == 201, answer.text
    assert (await intake.door.call("GET", f"/drafts/{draft['draft_id']}", facts=facts)).status_code == 404


async def test_only_officers_take_in_for_others(intake: Intake) -> None:
    known(intake, ago=timedelta(minutes=5))
    said = await body(intake)
    assert (await take_in(intake, said, cases.applicant())).status_code == 403
    nobody = replace(cases.handler(), officer=None)
    assert (await take_in(intake, said, nobody)).status_code == 403


COMPANY = "91350100M000100Y43"


def company_at_hand(intake: Intake, *matters: str) -> None:
    """The one at the window acts for an organisation, in a matter that is for such."""
    served = cases.definition(served=["enterprise"], result_certificate_type=None, materials=[cases.material("vaccination-proof")])
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", served)
    seen = Disclosure((), 3, "", ("name", "credit_code"), (cases.ORGANISATION,))
    intake.neighbours.answers("identity", "GET", f"/organisations/{cases.ORGANISATION}/profile", cases.organisation(), discloses=seen)
    authority = Authority(mandate_id=cases.MANDATE, matters=list(map(BasicCode, matters)), organisation_id=cases.ORGANISATION)
    found = KnownApplicant(person_id=cases.PERSON, assurance=4, seen_at=intake.clock.now(), acting_for=authority)
    intake.neighbours.answers("identity", "POST", "/applicants", found)


async def of_company(intake: Intake, **changes: Any) -> dict[str, Any]:
    said = await body(intake, acting_for={"credit_code": COMPANY}, **changes)
    return said | {"materials": said["materials"][1:]}


async def test_a_window_takes_in_what_an_organisation_s_agent_brings_once(intake: Intake) -> None:
    company_at_hand(intake, cases.TASK.basic)
    said = await of_company(intake)
    first, second = await take_in(intake, said), await take_in(intake, said)
    assert (first.status_code, second.json()) == (201, first.json()), first.text
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(case_rows))).one()
    assert (row.organisation_id, row.submitted_by, row.mandate) == (cases.ORGANISATION, cases.PERSON, cases.MANDATE)
    assert (row.person_id, row.receiving_unit, row.channel) == (None, cases.AGENCY, "window")
    dossier = (await intake.door.call("GET", f"/cases/{row.number}/dossier", facts=cases.handler())).json()
    assert (dossier["applicant"]["kind"], dossier["applicant"]["number"], dossier["applicant"]["agent_name"]) == (
        "organisation", COMPANY, "示例·甲一",
    )  # fmt: skip


async def test_a_window_takes_in_what_a_person_s_agent_brings(intake: Intake) -> None:
    authority = Authority(mandate_id=cases.MANDATE, matters=[], person_id=cases.PERSON)
    found = KnownApplicant(person_id=cases.AGENT, assurance=4, seen_at=intake.clock.now(), acting_for=authority)
    intake.neighbours.answers("identity", "POST", "/applicants", found)
    intake.neighbours.answers("identity", "GET", f"/persons/{cases.AGENT}/profile", cases.profile(cases.AGENT, name="示例·乙二"))
    answer = await take_in(intake, await body(intake, acting_for={"person": WHO}))
    assert answer.status_code == 201, answer.text
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(case_rows))).one()
    assert (row.person_id, row.submitted_by, row.mandate) == (cases.PERSON, cases.AGENT, cases.MANDATE)


async def test_whoever_has_no_mandate_for_the_matter_is_not_taken_in(intake: Intake) -> None:
    company_at_hand(intake, "310199999000")
    answer = await take_in(intake, await of_company(intake))
    assert (answer.status_code, answer.json()["code"]) == (403, "matter-not-in-mandate")
    intake.neighbours.answers("identity", "POST", "/applicants", lambda _: JSONResponse({"code": "mandate-not-found"}, 404))
    refused = await take_in(intake, await of_company(intake), key="other")
    assert (refused.status_code, refused.json()["code"]) == (422, "no-mandate-at-hand")


async def test_a_matter_of_persons_is_no_organisation_s_at_a_window_either(intake: Intake) -> None:
    company_at_hand(intake)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(served=["person"]))
    answer = await take_in(intake, await of_company(intake))
    assert (answer.status_code, answer.json()["code"]) == (422, "matter-not-for-organisations")
