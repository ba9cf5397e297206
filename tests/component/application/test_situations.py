"""A case in one situation of its matter, and the values it gets by itself."""

from typing import Any

import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.api.catalogue import Definition
from contracts.values import CaseNumber
from services.application.neighbours import consent_id
from services.application.tables import cases as case_rows
from tests.component.application.conftest import Intake
from tests.support import cases

RENEWAL = {"dog_name": "阿黄"}
CARD = {"code": "identity-card", "certificate": {"certificate_id": cases.CARD_ID, "purpose": "办理犬类准养证", "consent": True}}


def renewal() -> Definition:
    """As the catalogue answers for the situation: fewer fields and materials; the name on the card comes from the card."""
    plain = cases.definition()
    properties = {name: value for name, value in plain.form_schema["properties"].items() if name != "address"}
    properties["card_name"] = {"type": "string", "maxLength": 50}
    return cases.definition(
        situation="renewal",
        form_schema=plain.form_schema | {"properties": properties, "required": ["applicant_name", "applicant_id", "dog_name"]},
        field_titles={name: name for name in properties},
        field_sources=plain.field_sources | {"card_name": f"certificate.{cases.CARD}.name"},
        materials=plain.materials[:1],
    )


async def submit(intake: Intake) -> Any:
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition?situation=renewal", renewal())
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition?version=1&situation=renewal", renewal())
    body = {"task_code": cases.TASK, "version": 1, "situation": "renewal", "values": RENEWAL, "materials": [CARD]}
    return await intake.door.call("POST", "/cases", facts=cases.applicant(), json=body, key="first")


async def test_a_situation_asks_for_less(intake: Intake) -> None:
    answer = await submit(intake)
    assert answer.status_code == 201, answer.text
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(case_rows.c.situation))).scalar_one() == "renewal"
    dossier = (await intake.door.call("GET", f"/cases/{answer.json()['number']}/dossier", facts=cases.handler())).json()
    values = {each["name"]: (each["value"], each["source"]) for each in dossier["values"]}
    assert values["card_name"] == ("示例·甲一", cases.CARD_IDENTIFIER)
    assert values["dog_name"] == ("阿黄", "applicant")


async def test_what_a_certificate_said_goes_with_the_consent_to_its_use(intake: Intake) -> None:
    number = CaseNumber((await submit(intake)).json()["number"])
    path = f"/subjects/{cases.PERSON}/consents/{consent_id(number, cases.CARD_ID)}/withdrawal"
    withdrawn = await intake.door.call("POST", path, facts=CallerFacts("identity", person=cases.PERSON, assurance=3))
    assert withdrawn.status_code == 200, withdrawn.text
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    assert {each["name"] for each in dossier["values"]} == {"applicant_name", "applicant_id", "dog_name"}


async def test_a_correction_stays_in_the_situation(intake: Intake) -> None:
    number = (await submit(intake)).json()["number"]
    asked = await intake.act(number, "correction-requests", text="请更正犬名", materials=[], fields=["dog_name"])
    assert asked.status_code == 200, asked.text
    body = {"values": {"dog_name": "阿黑"}}
    fixed = await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json=body, key="fixed")
    assert (fixed.status_code, fixed.json()["status"]) == (200, "submitted")


async def test_a_form_in_a_situation_says_what_nobody_types(intake: Intake) -> None:
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition?situation=renewal", renewal())
    form = (await intake.door.call("GET", f"/matters/{cases.TASK}/form?situation=renewal", facts=cases.applicant())).json()
    assert form["situation"] == "renewal"
    assert [each["name"] for each in form["fields"] if each["is_obtained"]] == ["card_name"]
    assert "card_name" not in intake.door.disclosed[-1].items


async def test_what_is_no_code_of_a_situation_is_refused(intake: Intake) -> None:
    answer = await intake.door.call("GET", f"/matters/{cases.TASK}/form?situation=1%26version=2", facts=cases.applicant())
    assert answer.status_code == 422
