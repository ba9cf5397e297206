"""What identity asks on behalf of a person: what is kept of them here, and what they agreed to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.http.mesh_token import CallerFacts
from contracts.values import CaseNumber, ConsentId, OrganisationId, PersonId
from tests.component.application.conftest import Intake
from tests.support import cases

IDENTITY = CallerFacts("identity", person=cases.PERSON, purpose="查阅档案 own file")
FILE, CONSENTS = f"/subjects/{cases.PERSON}/file", f"/subjects/{cases.PERSON}/consents"


async def ask(intake: Intake, path: str, facts: CallerFacts = IDENTITY, method: str = "GET") -> Any:
    answer = await intake.door.call(method, path, facts=facts)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def the_consent(intake: Intake) -> dict[str, Any]:
    [consent] = (await ask(intake, CONSENTS))["items"]
    said: dict[str, Any] = consent
    return said


async def withdraw(intake: Intake, consent: str, person: PersonId = cases.PERSON) -> Any:
    path = f"/subjects/{person}/consents/{consent}/withdrawal"
    return await intake.door.call("POST", path, facts=replace(IDENTITY, person=person))


async def card_in_dossier(intake: Intake, number: CaseNumber) -> dict[str, Any]:
    answer = await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())
    found: dict[str, Any] = next(each for each in answer.json()["materials"] if each["code"] == "identity-card")
    return found


async def test_a_person_s_cases_with_every_value_and_material(intake: Intake) -> None:
    number = await intake.submitted()
    found = await ask(intake, f"{FILE}?reveal=true")
    case, file = found["items"]
    assert (case["section"], file["section"]) == ("cases", "files")
    fields = {each["name"]: each for each in case["fields"]}
    assert (case["id"], case["title"], found["next"]) == (number, "犬类准养证核发", None)
    assert fields["status"]["value"] == "submitted"
    assert (fields["values.applicant_name"]["value"], fields["values.applicant_name"]["source"]) == ("示例·甲一", "population-base")
    assert (fields["values.dog_name"]["value"], fields["values.dog_name"]["source"]) == ("阿黄", "applicant")
    assert fields["materials.identity-card"]["value"] == "电子证照 certificate"
    assert fields["materials.vaccination-proof"]["value"] == "上传文件 file"
    assert not any(each["is_masked"] for each in fields.values())


async def test_without_revealing_no_value_of_a_form_leaves(intake: Intake) -> None:
    await intake.submitted()
    found = await ask(intake, FILE)
    values = [each for each in found["items"][0]["fields"] if each["name"].startswith("values.")]
    assert [(each["value"], each["is_masked"]) for each in values if each["name"] == "values.dog_name"] == [("阿***", True)]
    assert all(each["is_masked"] for each in values)
    assert not any(secret in str(found) for secret in ("阿黄", "示例·甲一", "31999919900515001X", "示例路"))


async def test_many_cases_come_in_pages(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.application.queries.file._PAGE", 2)
    numbers = [await intake.submitted(f"k-{each}") for each in range(3)]
    pages = [await ask(intake, FILE)]
    while pages[-1]["next"]:
        pages.append(await ask(intake, f"{FILE}?before={pages[-1]['next']}"))
    assert all(len(each["items"]) == 2 for each in pages)
    found = [each for page in pages for each in page["items"]]
    assert [each["id"] for each in found if each["section"] == "cases"] == numbers[::-1]
    assert [each["section"] for each in found] == ["cases", "cases", "cases", "files"]


@pytest.mark.parametrize("place", ["elsewhere.", "drafts.1'", "x"])
async def test_a_place_that_no_page_ended_at_is_no_place(intake: Intake, place: str) -> None:
    answer = await intake.door.call("GET", f"{FILE}?before={place}", facts=IDENTITY)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def drafted(intake: Intake) -> None:
    """A draft with a file from the library, and a file beside it."""
    file_id = await intake.upload(cases.applicant(), cases.PNG + b"draft")
    body = {"task_code": cases.TASK, "version": 1, "values": {"dog_name": "旺财", "address": "示例路 9 号"}}
    body |= {"materials": [{"code": "vaccination-proof", "file_id": file_id}]}
    answer = await intake.door.call("POST", "/drafts", facts=cases.applicant(), json=body, key="draft")
    assert answer.status_code == 201, answer.text


async def test_drafts_files_and_issued_documents_are_in_it_as_well(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "acceptance")
    await intake.done(number, "decision", "hp-002", outcome="refuse", reason="未接种疫苗", cites=["condition:1"])
    await drafted(intake)
    named = "/files?name=免疫证明.png"
    content = cases.PNG + b"named"
    await intake.door.call("POST", named, facts=cases.applicant(), content=content, media_type="image/png")
    found = (await ask(intake, f"{FILE}?reveal=true"))["items"]
    of = {section: [each for each in found if each["section"] == section] for section in ("cases", "drafts", "files", "issued")}
    assert {section: len(records) for section, records in of.items()} == {"cases": 1, "drafts": 1, "files": 3, "issued": 2}
    [draft] = of["drafts"]
    assert ("values.dog_name", "旺财") in {(each["name"], each["value"]) for each in draft["fields"]}
    assert ("materials.vaccination-proof", "上传文件 file") in {(each["name"], each["value"]) for each in draft["fields"]}
    assert "免疫证明.png" in {each["value"] for file in of["files"] for each in file["fields"] if each["name"] == "name"}
    denial, acceptance = ({each["name"]: each["value"] for each in record["fields"]} for record in of["issued"])
    assert (denial["kind"], denial["case"], acceptance["kind"]) == ("denial", number, "acceptance")
    assert "未接种疫苗" in denial["text"]
    assert denial["addressee"] == "示例·甲一"
    masked = await ask(intake, FILE)
    assert not any(secret in str(masked) for secret in ("旺财", "示例路", "免疫证明", "示例·甲一"))
    looks = [each.items for each in intake.door.disclosed if each.purpose == "查阅档案 own file"]
    assert looks[-1] == ("办件 cases", "草稿 drafts", "材料库 material library", "文书 issued documents")


async def test_of_somebody_else_nothing_is_in_it(intake: Intake) -> None:
    await intake.granted()
    await drafted(intake)
    stranger = f"/subjects/{cases.STRANGER}/file?reveal=true"
    assert (await ask(intake, stranger, replace(IDENTITY, person=cases.STRANGER)))["items"] == []


async def test_what_was_shown_is_disclosed_and_nothing_is_not(intake: Intake) -> None:
    await ask(intake, FILE)
    assert intake.door.disclosed == []
    await intake.submitted()
    await ask(intake, FILE)
    [look] = intake.door.disclosed[-1:]
    assert (look.subjects, look.purpose, look.items) == ((cases.PERSON,), "查阅档案 own file", ("办件 cases", "材料库 material library"))


@pytest.mark.parametrize(
    "facts",
    [
        replace(IDENTITY, person=cases.STRANGER),
        replace(IDENTITY, person=None, organisation=OrganisationId.new()),
        replace(IDENTITY, person=None),
        replace(IDENTITY, issuer="rating"),
        cases.applicant(),
        cases.handler(),
    ],
    ids=["for another", "for a company", "for nobody", "another service", "the person through the door", "an officer"],
)
@pytest.mark.parametrize("path", [FILE, CONSENTS], ids=["file", "consents"])
async def test_only_identity_asks_and_only_for_whoever_it_acts_for(intake: Intake, facts: CallerFacts, path: str) -> None:
    await intake.submitted()
    assert (await intake.door.call("GET", path, facts=facts)).status_code == 403


@pytest.mark.parametrize("facts", [replace(IDENTITY, person=cases.STRANGER), replace(IDENTITY, issuer="rating"), cases.applicant()])
async def test_nobody_else_withdraws_a_consent(intake: Intake, facts: CallerFacts) -> None:
    await intake.submitted()
    consent = await the_consent(intake)
    answer = await intake.door.call("POST", f"{CONSENTS}/{consent['consent_id']}/withdrawal", facts=facts)
    assert answer.status_code == 403
    assert (await the_consent(intake))["withdrawn_at"] is None


async def test_a_consent_says_who_may_use_what_for_what(intake: Intake) -> None:
    number = await intake.submitted()
    consent = await the_consent(intake)
    assert (consent["case_number"], consent["certificate_id"], consent["agency_name"]) == (number, cases.CARD_ID, "示例·黄浦区公安分局")
    assert (consent["purpose"], consent["withdrawn_at"], consent["is_served"]) == ("办理犬类准养证", None, False)


async def test_what_is_withdrawn_is_out_of_the_handler_s_sight_and_in_the_history(intake: Intake) -> None:
    number = await intake.submitted()
    assert (await card_in_dossier(intake, number))["content"] == {"name": "示例·甲一"}
    consent = await the_consent(intake)
    answer = await withdraw(intake, consent["consent_id"])
    assert answer.json()["consent_id"] == consent["consent_id"]
    card = await card_in_dossier(intake, number)
    assert (card["is_withdrawn"], card["content"], card["annotation"], card["certificate"]) == (True, None, None, None)
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert case["steps"][-1]["event"] == "consent_withdrawn"
    assert case["steps"][-1]["zh"] == "已撤回用证同意"


async def test_only_the_first_withdrawal_counts(intake: Intake) -> None:
    number = await intake.submitted()
    consent = (await the_consent(intake))["consent_id"]
    first = (await withdraw(intake, consent)).json()
    intake.clock.advance(timedelta(seconds=5))
    assert (await withdraw(intake, consent)).json() == first
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert [each["event"] for each in case["steps"]].count("consent_withdrawn") == 1


async def test_a_consent_that_was_served_is_marked_and_undoes_nothing(intake: Intake) -> None:
    number = await intake.granted()
    consent = await the_consent(intake)
    assert consent["is_served"]
    await withdraw(intake, consent["consent_id"])
    assert (await the_consent(intake))["withdrawn_at"] is not None
    card = await card_in_dossier(intake, number)
    assert (card["is_withdrawn"], card["content"]) == (False, {"name": "示例·甲一"})


async def test_what_is_given_again_holds_again(intake: Intake) -> None:
    number = await intake.submitted()
    consent = (await the_consent(intake))["consent_id"]
    await withdraw(intake, consent)
    await intake.act(number, "correction-requests", text="请重新提供身份证", materials=["identity-card"])
    use = {"certificate_id": cases.CARD_ID, "purpose": "办理犬类准养证", "consent": True}
    body = {"materials": [{"code": "identity-card", "certificate": use}]}
    answer = await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json=body, key="again")
    assert answer.status_code == 200, answer.text
    assert (await the_consent(intake))["withdrawn_at"] is None
    assert (await card_in_dossier(intake, number))["content"] == {"name": "示例·甲一"}


async def test_what_nobody_agreed_to_and_what_somebody_else_did_are_the_same(intake: Intake) -> None:
    await intake.submitted()
    consent = (await the_consent(intake))["consent_id"]
    assert (await withdraw(intake, ConsentId.new())).status_code == 404
    assert (await withdraw(intake, consent, person=cases.STRANGER)).status_code == 404
    assert (await the_consent(intake))["withdrawn_at"] is None
