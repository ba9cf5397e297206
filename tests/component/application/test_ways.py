"""What the city holds is not asked for again; what may follow is owed; and how much nobody had to bring, in figures."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from chassis.working_days import local_day
from services.application.queries.materials import overdue
from services.application.tables import outages
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY

DEFINITION = f"/matters/{cases.TASK}/definition"


async def submit(intake: Intake, *given: dict[str, Any], key: str = "k") -> Any:
    facts = cases.applicant()
    return await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts, materials=list(given)), key=key)


async def uploaded(intake: Intake, code: str, **said: Any) -> dict[str, Any]:
    return {"code": code, "file_id": await intake.upload(cases.applicant()), **said}


async def dossier_of(intake: Intake, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    found = await intake.door.call("GET", f"/cases/{answer.json()['number']}/dossier", facts=cases.handler())
    return dict(found.json())


def by_code(dossier: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in dossier["materials"]}


async def test_an_upload_of_what_the_city_holds_is_refused_without_a_reason(intake: Intake) -> None:
    proof = await uploaded(intake, "vaccination-proof")
    answer = await submit(intake, await uploaded(intake, "identity-card"), proof)
    assert (answer.status_code, answer.json()["code"], answer.json()["materials"]) == (422, "material-is-held", ["identity-card"])
    claimed = await submit(intake, await uploaded(intake, "identity-card", because="source_down"), proof, key="other")
    assert (claimed.status_code, claimed.json()["code"]) == (422, "source-not-down")


async def test_whoever_holds_nothing_uploads_without_a_reason(intake: Intake) -> None:
    intake.neighbours.answers("certificate", "POST", "/holdings", [])
    answer = await submit(intake, await uploaded(intake, "identity-card"), await uploaded(intake, "vaccination-proof"))
    card = by_code(await dossier_of(intake, answer))["identity-card"]
    assert (card["how"], card["reason"]) == ("file", None)


async def test_whoever_prefers_to_upload_may_and_nobody_is_asked_what_they_hold(intake: Intake) -> None:
    card = await uploaded(intake, "identity-card", because="holder_prefers")
    household = await uploaded(intake, "household", because="holder_prefers")
    answer = await submit(intake, card, household, await uploaded(intake, "vaccination-proof"))
    found = by_code(await dossier_of(intake, answer))
    assert {code: each["reason"] for code, each in found.items()} == {
        "identity-card": "holder_prefers", "household": "holder_prefers", "vaccination-proof": None,
    }  # fmt: skip
    assert not [path for _, _, path, _ in intake.neighbours.asked if path == "/holdings"]


async def test_with_the_source_down_an_upload_is_taken_with_the_evidence(intake: Intake) -> None:
    intake.neighbours.answers("certificate", "POST", "/holdings", 503)
    answer = await submit(intake, await uploaded(intake, "identity-card"), await uploaded(intake, "vaccination-proof"))
    card = by_code(await dossier_of(intake, answer))["identity-card"]
    assert (card["how"], card["reason"], card["evidence"]) == ("file", "source_down", "intake asked and got no answer")
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(outages.c.source, outages.c.seen_by))).all() == [("certificate", "application")]


async def test_an_outage_that_many_forms_meet_is_noted_once_a_minute(intake: Intake) -> None:
    intake.neighbours.answers("certificate", "POST", "/holdings", 503)
    for seconds in (0, 30, 31):
        intake.clock.advance(timedelta(seconds=seconds))
        form = await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=cases.applicant())
        assert form.status_code == 200
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(outages))).scalar_one() == 2


@pytest.mark.parametrize(("minutes", "status"), [(59, 201), (61, 422)])
async def test_an_outage_that_the_form_met_explains_an_upload_for_an_hour(intake: Intake, minutes: int, status: int) -> None:
    intake.neighbours.answers("certificate", "POST", "/holdings", 503)
    form = await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=cases.applicant())
    assert {each["code"]: each["how"] for each in form.json()["materials"]}["identity-card"] == "unknown"
    intake.neighbours.answers("certificate", "POST", "/holdings", [cases.holding()])
    intake.clock.advance(timedelta(minutes=minutes))
    card = await uploaded(intake, "identity-card", because="source_down")
    answer = await submit(intake, card, await uploaded(intake, "vaccination-proof"))
    assert answer.status_code == status
    if status == 201:
        assert "application: no answer" in by_code(await dossier_of(intake, answer))["identity-card"]["evidence"]


async def test_a_district_tells_that_a_source_of_data_is_down(intake: Intake) -> None:
    proof, card = await uploaded(intake, "vaccination-proof"), await uploaded(intake, "identity-card", because="holder_prefers")
    household = await uploaded(intake, "household", because="source_down")
    refused = await submit(intake, card, proof, household)
    assert (refused.status_code, refused.json()["code"]) == (422, "source-not-down")
    said = {"source": "material.household", "evidence": "户籍接口 503，工单 42"}
    told = await intake.door.call("POST", "/source-outages", facts=cases.handler(), json=said, key="outage")
    assert told.status_code == 201, told.text
    found = by_code(await dossier_of(intake, await submit(intake, card, proof, household, key="again")))["household"]
    assert (found["how"], found["reason"]) == ("file", "source_down")
    assert found["evidence"].endswith("户籍接口 503，工单 42")


async def test_the_word_of_whoever_broke_trust_stands_for_no_proof(intake: Intake) -> None:
    card = (await intake.body(cases.applicant()))["materials"][0]
    given = [card, await uploaded(intake, "vaccination-proof"), {"code": "home-proof", "commitment": True}]
    intake.neighbours.answers("identity", "GET", f"/subjects/{cases.PERSON}/credit", cases.credit(is_barred=True))
    barred = await submit(intake, *given)
    assert (barred.status_code, barred.json()["code"], barred.json()["materials"]) == (422, "commitment-barred", ["home-proof"])
    assert not [path for _, _, path, _ in intake.neighbours.asked if path.endswith("/uses")]
    intake.neighbours.answers("identity", "GET", f"/subjects/{cases.PERSON}/credit", 503)
    assert (await submit(intake, *given, key="away")).status_code == 503
    proven = [*given[:2], await uploaded(intake, "home-proof")]
    assert (await submit(intake, *proven, key="proven")).status_code == 201
    intake.neighbours.answers("identity", "GET", f"/subjects/{cases.PERSON}/credit", cases.credit())
    assert by_code(await dossier_of(intake, await submit(intake, *given, key="repaired")))["home-proof"]["how"] == "commitment"


def lenient(intake: Intake) -> None:
    """From now on the proof of vaccination may follow within five working days."""
    late = cases.material("vaccination-proof", deferrable_days=5)
    materials = [late if each.code == late.code else each for each in cases.definition().materials]
    for query in ("", "?version=1"):
        intake.neighbours.answers("catalogue", "GET", f"{DEFINITION}{query}", cases.definition(materials=materials))


async def owing(intake: Intake) -> str:
    lenient(intake)
    card = (await intake.body(cases.applicant()))["materials"][0]
    answer = await submit(intake, card, {"code": "vaccination-proof", "deferred": True})
    assert answer.status_code == 201, answer.text
    [owed] = answer.json()["owed"]
    assert (owed["code"], owed["is_overdue"]) == ("vaccination-proof", False)
    return str(answer.json()["number"])


async def test_what_may_follow_is_owed_until_a_day_and_then_it_is_there(intake: Intake) -> None:
    number = await owing(intake)
    form = (await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=cases.applicant())).json()
    assert {each["code"]: each["deferrable_days"] for each in form["materials"]}["vaccination-proof"] == 5
    [owed] = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()["owed"]
    due_on = date.fromisoformat(owed["due_on"])
    assert due_on > local_day(TODAY) + timedelta(days=5)
    body = {"materials": [await uploaded(intake, "vaccination-proof")]}
    supplied = await intake.door.call("POST", f"/cases/{number}/supplies", facts=cases.applicant(), json=body, key="s")
    assert (supplied.status_code, supplied.json()["owed"]) == (200, []), supplied.text
    retried = await intake.door.call("POST", f"/cases/{number}/supplies", facts=cases.applicant(), json=body, key="s")
    assert retried.headers["idempotency-replayed"] == "true"
    again = await intake.door.call("POST", f"/cases/{number}/supplies", facts=cases.applicant(), json=body, key="s2")
    assert (again.status_code, again.json()["code"]) == (422, "material-not-owed")
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert [(each["event"], each["note"]) for each in case["steps"]][-1] == ("supplied", "示例·vaccination-proof")
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    proof = by_code(dossier)["vaccination-proof"]
    assert (proof["how"], proof["due_on"], proof["supplied_at"] is not None) == ("file", owed["due_on"], True)


async def test_what_did_not_follow_in_time_is_found_the_day_after_and_not_before(intake: Intake) -> None:
    number = await owing(intake)
    [owed] = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()["owed"]
    due_on = date.fromisoformat(owed["due_on"])
    async with intake.database.reading() as session:
        assert await overdue(session, due_on) == []
        [late] = await overdue(session, due_on + timedelta(days=1))
    assert (late.number, late.code, late.due_on) == (number, "vaccination-proof", due_on)
    foreign = {"materials": [{"code": "vaccination-proof", "commitment": True}]}
    wrong = await intake.door.call("POST", f"/cases/{number}/supplies", facts=cases.applicant(), json=foreign, key="s")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "materials-not-valid")
    stranger = await intake.door.call("POST", f"/cases/{number}/supplies", facts=cases.applicant(cases.STRANGER), json=foreign, key="s")
    assert stranger.status_code == 404


async def test_waivers_are_counted_for_a_case_and_over_all(intake: Intake) -> None:
    proof = await uploaded(intake, "vaccination-proof")
    card = (await intake.body(cases.applicant()))["materials"][0]
    first = (await submit(intake, card, proof, {"code": "home-proof", "commitment": True})).json()["number"]
    prefers = await uploaded(intake, "identity-card", because="holder_prefers")
    second = (await submit(intake, prefers, proof, key="second")).json()["number"]
    found = (await intake.door.call("GET", f"/cases/{first}/waivers", facts=cases.applicant())).json()
    ways = {"required": 3, "waived": 2, "certificate": 1, "data_check": 1, "commitment": 0, "agency_help": 0}
    # The commitment stood for a material that was not required, and is no waiver.
    assert found["all"] == ways
    assert found["government"] == dict.fromkeys(ways, 0)
    dossier = (await intake.door.call("GET", f"/cases/{second}/dossier", facts=cases.handler())).json()
    assert (dossier["waivers"]["all"]["required"], dossier["waivers"]["all"]["waived"]) == (3, 1)
    assert (await intake.door.call("GET", f"/cases/{first}/waivers", facts=cases.applicant(cases.STRANGER))).status_code == 404
    overall = await intake.door.call("GET", "/case-metrics/waivers", facts=cases.operator())
    assert overall.status_code == 200, overall.text
    assert overall.json()["cases"] == 0, "until is not included"
    later = quote((intake.clock.now() + timedelta(seconds=1)).isoformat())
    overall = (await intake.door.call("GET", f"/case-metrics/waivers?until={later}", facts=cases.operator())).json()
    assert (overall["cases"], overall["all"]) == (2, {**ways, "required": 6, "waived": 3, "data_check": 2})
