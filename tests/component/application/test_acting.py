"""Cases of those for whom somebody else acts, and of organisations."""

from typing import Any

import pytest

from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.api.catalogue import Definition
from contracts.api.certificate import CertificateType
from contracts.events.access import DataAccessed
from contracts.events.application import CaseClosed, CaseGranted, CaseSubmitted
from contracts.values import CaseNumber, TaskCode
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.service import published

OTHER_MATTER = "310102912000"


def knows(intake: Intake, definition: Definition) -> None:
    """The agent and the organisation, and the matter as it is defined."""
    seen = Disclosure((cases.AGENT,), 4, "", ("name", "resident_id"))
    intake.neighbours.answers(
        "identity", "GET", f"/persons/{cases.AGENT}/profile", cases.profile(cases.AGENT, name="示例·乙二"), discloses=seen
    )
    seen = Disclosure((), 3, "", ("name", "credit_code"), (cases.ORGANISATION,))
    intake.neighbours.answers("identity", "GET", f"/organisations/{cases.ORGANISATION}/profile", cases.organisation(), discloses=seen)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", definition)


def for_enterprises(**changes: Any) -> Definition:
    return cases.definition(served=["person", "enterprise"], result_certificate_type=None, **changes)


async def submit(intake: Intake, facts: CallerFacts, *, key: str = "k", **changes: Any) -> Any:
    return await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts, **changes), key=key)


async def company_submits(intake: Intake, **facts: Any) -> Any:
    caller = cases.by_mandate(cases.ORGANISATION, **facts)
    knows(intake, for_enterprises())
    materials = [{"code": code, "file_id": await intake.upload(caller)} for code in ("identity-card", "vaccination-proof")]
    return await submit(intake, caller, materials=materials)


async def test_an_agent_submits_for_a_person_and_everybody_sees_who_did(intake: Intake) -> None:
    knows(intake, cases.definition())
    answer = await submit(intake, cases.by_mandate())
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert (case["submitted_by"], case["mandate_id"], case["organisation_id"]) == (cases.AGENT, cases.MANDATE, None)
    mine = (await intake.door.call("GET", f"/cases/{case['number']}", facts=cases.applicant())).json()
    assert (mine["submitted_by"], mine["mandate_id"], mine["steps"][0]["by"]) == (cases.AGENT, cases.MANDATE, "代办人 by mandate")
    dossier = (await intake.door.call("GET", f"/cases/{case['number']}/dossier", facts=cases.handler())).json()
    assert dossier["applicant"] == {
        "kind": "person",
        "name": "示例·甲一",
        "number": "31999919900515001X",
        "agent_name": "示例·乙二",
        "mandate_id": cases.MANDATE,
    }
    assert set(intake.door.disclosed[-1].subjects) == {cases.PERSON, cases.AGENT}
    [event] = await published(intake.database, CaseSubmitted)
    assert (event.person_id, event.organisation_id) == (cases.PERSON, None)
    accesses = await published(intake.database, DataAccessed)
    assert {(each.person, each.mandate) for each in accesses} == {(cases.AGENT, cases.MANDATE)}


async def test_who_acts_for_themself_leaves_no_agent(intake: Intake) -> None:
    number = await intake.submitted()
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert (case["submitted_by"], case["mandate_id"], case["steps"][0]["by"]) == (None, None, "申请人 applicant")
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    assert (dossier["applicant"]["agent_name"], dossier["applicant"]["mandate_id"]) == (None, None)


async def test_a_mandate_reaches_its_matters_and_no_others(intake: Intake) -> None:
    knows(intake, cases.definition())
    outside, inside = cases.by_mandate(matters=(OTHER_MATTER,)), cases.by_mandate(matters=(OTHER_MATTER, cases.TASK.basic))
    refused = await submit(intake, outside)
    assert (refused.status_code, refused.json()["code"]) == (403, "matter-not-in-mandate")
    assert {"zh", "en"} <= refused.json()["titles"].keys()
    refused = await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=outside)
    assert (refused.status_code, refused.json()["code"]) == (403, "matter-not-in-mandate")
    assert (await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=inside)).status_code == 200
    assert (await submit(intake, inside)).status_code == 201


async def test_an_agent_sees_the_cases_of_their_matters_alone(intake: Intake) -> None:
    number = await intake.submitted()
    outside, inside = cases.by_mandate(matters=(OTHER_MATTER,)), cases.by_mandate(matters=(cases.TASK.basic,))
    for path, names in (("/cases", "number"), ("/consents", "case_number")):
        assert (await intake.door.call("GET", path, facts=outside)).json()["items"] == []
        [seen] = (await intake.door.call("GET", path, facts=inside)).json()["items"]
        assert seen[names] == number
        assert intake.door.disclosed[-1].subjects == (cases.PERSON,)
        [seen] = (await intake.door.call("GET", path, facts=cases.by_mandate())).json()["items"]
    refused = await intake.door.call("GET", f"/cases/{number}", facts=outside)
    assert (refused.status_code, refused.json()["code"]) == (404, "case-not-found")
    assert (await intake.door.call("GET", f"/cases/{number}", facts=inside)).status_code == 200
    assert intake.door.disclosed[-1].subjects == (cases.PERSON,)
    for facts in (cases.applicant(cases.AGENT), cases.by_mandate(cases.STRANGER), cases.by_mandate(cases.ORGANISATION)):
        assert (await intake.door.call("GET", f"/cases/{number}", facts=facts)).status_code == 404
        assert (await intake.door.call("GET", "/cases", facts=facts)).json()["items"] == []


async def test_a_correction_by_mandate_is_of_the_mandate_s_matters_too(intake: Intake) -> None:
    number = await intake.submitted()
    notice = {"text": "请补正", "materials": ["vaccination-proof"]}
    assert (await intake.act(number, "correction-requests", **notice)).status_code == 200
    outside, inside = cases.by_mandate(matters=(OTHER_MATTER,)), cases.by_mandate(matters=(cases.TASK.basic,))
    said = {"materials": [{"code": "vaccination-proof", "file_id": await intake.upload(inside, cases.PNG + b"2")}]}
    refused = await intake.door.call("POST", f"/cases/{number}/corrections", facts=outside, json=said, key="o")
    assert (refused.status_code, refused.json()["code"]) == (404, "case-not-found")
    assert (await intake.door.call("POST", f"/cases/{number}/corrections", facts=inside, json=said, key="i")).status_code == 200
    steps = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()["steps"]
    assert steps[-1]["by"] == "代办人 by mandate"


async def test_keys_of_principal_and_agent_never_meet(intake: Intake) -> None:
    knows(intake, cases.definition())
    facts = [cases.applicant(), cases.by_mandate(), cases.by_mandate(actor=cases.STRANGER)]
    intake.neighbours.answers("identity", "GET", f"/persons/{cases.STRANGER}/profile", cases.profile(cases.STRANGER))
    body = await intake.body(cases.applicant())
    answers = [await intake.door.call("POST", "/cases", facts=each, json=body, key="same") for each in facts]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["number"] for answer in answers}) == 3


async def test_files_are_the_principal_s_whoever_uploads_them(intake: Intake) -> None:
    by_agent, by_self = await intake.upload(cases.by_mandate()), await intake.upload(cases.applicant())
    assert by_agent == by_self
    companies = [await intake.upload(cases.by_mandate(cases.ORGANISATION)) for _ in range(2)]
    assert companies[0] == companies[1] != by_self
    knows(intake, cases.definition())
    materials = [{"code": "identity-card", "file_id": companies[0]}, {"code": "vaccination-proof", "file_id": by_self}]
    refused = await submit(intake, cases.by_mandate(), materials=materials)
    assert (refused.status_code, refused.json()["code"]) == (422, "file-not-found")


# Organisations


async def test_an_organisation_applies_by_its_agent(intake: Intake) -> None:
    answer = await company_submits(intake)
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert (case["organisation_id"], case["submitted_by"], case["mandate_id"]) == (cases.ORGANISATION, cases.AGENT, cases.MANDATE)
    assert intake.door.disclosed[-1].organisations == (cases.ORGANISATION,)
    dossier = (await intake.door.call("GET", f"/cases/{case['number']}/dossier", facts=cases.handler())).json()
    assert (dossier["applicant"]["kind"], dossier["applicant"]["number"]) == ("organisation", "91350100M000100Y43")
    assert {each["name"]: (each["value"], each["source"]) for each in dossier["values"]}["applicant_id"] == (
        "91350100M000100Y43",
        "registration-base",
    )
    assert (intake.door.disclosed[-1].organisations, intake.door.disclosed[-1].subjects) == ((cases.ORGANISATION,), (cases.AGENT,))
    [event] = await published(intake.database, CaseSubmitted)
    assert (event.person_id, event.organisation_id) == (cases.AGENT, cases.ORGANISATION)
    assert {each.organisations for each in await published(intake.database, DataAccessed)} == {(cases.ORGANISATION,), ()}


async def test_an_organisation_s_case_is_nobody_else_s_not_even_its_agent_s(intake: Intake) -> None:
    number = (await company_submits(intake)).json()["number"]
    for facts in (cases.applicant(cases.AGENT), cases.applicant(), cases.by_mandate()):
        assert (await intake.door.call("GET", f"/cases/{number}", facts=facts)).status_code == 404
    for facts in (cases.by_mandate(cases.ORGANISATION), cases.by_mandate(cases.ORGANISATION, actor=cases.STRANGER)):
        [seen] = (await intake.door.call("GET", "/cases", facts=facts)).json()["items"]
        assert seen["number"] == number
        assert intake.door.disclosed[-1].organisations == (cases.ORGANISATION,)


async def test_an_organisation_s_case_runs_to_its_end_and_its_agent_is_asked_to_rate(intake: Intake) -> None:
    number = CaseNumber((await company_submits(intake)).json()["number"])
    assert (await intake.act(number, "acceptance")).status_code == 200
    decided = await intake.act(number, "decision", "hp-002", outcome="grant", content={})
    assert (decided.status_code, decided.json()["status"]) == (200, "closed"), decided.text
    [closed] = await published(intake.database, CaseClosed)
    assert (closed.person_id, closed.organisation_id) == (cases.AGENT, cases.ORGANISATION)
    result = await intake.door.call("GET", f"/cases/{number}/result", facts=CallerFacts("certificate"))
    assert (result.status_code, result.json()["code"]) == (409, "case-not-granted")


def gives(intake: Intake, holder: str) -> None:
    """The certificate service says who may hold what the matter gives."""
    kind = {
        "code": cases.LICENCE, "name": "示例证", "en": "Sample", "issuer_function": "示例", "holder": holder, "fields": {},
        "provenance": "illustrative",
    }  # fmt: skip
    intake.neighbours.answers("certificate", "GET", f"/certificate-types/{cases.LICENCE}", CertificateType.model_validate(kind))


async def test_an_organisation_s_case_earns_what_organisations_hold(intake: Intake) -> None:
    gives(intake, "organisation")
    caller = cases.by_mandate(cases.ORGANISATION)
    knows(intake, cases.definition(served=["person", "enterprise"]))
    materials = [{"code": code, "file_id": await intake.upload(caller)} for code in ("identity-card", "vaccination-proof")]
    number = CaseNumber((await submit(intake, caller, materials=materials)).json()["number"])
    before = await intake.door.call("GET", f"/cases/{number}/organisation-result", facts=CallerFacts("certificate"))
    assert (before.status_code, before.json()["code"]) == (409, "case-not-granted")
    assert (await intake.act(number, "acceptance")).status_code == 200
    decided = await intake.act(number, "decision", "hp-002", outcome="grant", content={"dog_breed": "中华田园犬"})
    assert decided.status_code == 200, decided.text
    [granted] = await published(intake.database, CaseGranted)
    assert (granted.organisation_id, granted.certificate_type) == (cases.ORGANISATION, cases.LICENCE)
    result = (await intake.door.call("GET", f"/cases/{number}/organisation-result", facts=CallerFacts("certificate"))).json()
    assert (result["organisation_id"], result["credit_code"]) == (cases.ORGANISATION, "91350100M000100Y43")
    assert (result["holder_name"], result["content"]["dog_breed"]) == ("示例·某某科技有限公司", "中华田园犬")
    look = intake.door.disclosed[-1]
    assert (look.subjects, look.organisations, look.purpose) == ((), (cases.ORGANISATION,), number)
    of_person = await intake.door.call("GET", f"/cases/{number}/result", facts=CallerFacts("certificate"))
    assert (of_person.status_code, of_person.json()["code"]) == (409, "case-not-granted")
    for stranger in (CallerFacts("rating"), cases.handler(), caller):
        assert (await intake.door.call("GET", f"/cases/{number}/organisation-result", facts=stranger)).status_code == 403


async def test_a_person_s_case_is_no_organisation_s(intake: Intake) -> None:
    number = await intake.granted()
    answer = await intake.door.call("GET", f"/cases/{number}/organisation-result", facts=CallerFacts("certificate"))
    assert (answer.status_code, answer.json()["code"]) == (409, "case-not-granted")
    [granted] = await published(intake.database, CaseGranted)
    assert granted.organisation_id is None


async def test_nothing_is_promised_to_an_organisation_while_nobody_knows_what_it_may_hold(intake: Intake) -> None:
    knows(intake, cases.definition(served=["enterprise"]))
    intake.neighbours.answers("certificate", "GET", f"/certificate-types/{cases.LICENCE}", 503)
    assert (await submit(intake, cases.by_mandate(cases.ORGANISATION))).status_code == 503


@pytest.mark.parametrize(
    "changes", [{"served": ["person"], "result_certificate_type": None}, {"served": ["enterprise"]}, {"result_certificate_type": None}]
)
async def test_matters_that_are_not_for_organisations(intake: Intake, changes: dict[str, Any]) -> None:
    gives(intake, "person")
    knows(intake, cases.definition(**changes))
    facts = cases.by_mandate(cases.ORGANISATION)
    for answer in (await submit(intake, facts), await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=facts)):
        assert (answer.status_code, answer.json()["code"]) == (422, "matter-not-for-organisations")


async def test_the_form_of_an_organisation_is_filled_in_from_its_registration(intake: Intake) -> None:
    knows(intake, for_enterprises())
    form = (await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=cases.by_mandate(cases.ORGANISATION))).json()
    assert {each["name"]: each["value"] for each in form["fields"]} == {
        "applicant_name": "示例·某某科技有限公司",
        "applicant_id": "91350100M000100Y43",
        "dog_name": None,
        "address": None,
    }
    assert {each["code"]: each["how"] for each in form["materials"]}["identity-card"] == "upload"
    assert "/holdings" not in {path for _, _, path, _ in intake.neighbours.asked}


async def test_an_organisation_has_no_certificates_to_use(intake: Intake) -> None:
    knows(intake, for_enterprises())
    refused = await submit(intake, cases.by_mandate(cases.ORGANISATION))
    assert (refused.status_code, refused.json()["code"]) == (422, "certificate-use-refused")


async def test_the_level_is_asked_of_who_acts(intake: Intake) -> None:
    refused = await submit(intake, cases.by_mandate(cases.ORGANISATION, assurance=2), task_code=TaskCode(cases.TASK))
    assert refused.status_code == 403
