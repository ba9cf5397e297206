"""材料库: what was uploaded once is given again, and taken away when no running case needs it."""

from typing import Any

from tests.component.application.conftest import Intake
from tests.support import cases

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


async def library(intake: Intake, facts: Any = None) -> list[dict[str, Any]]:
    answer = await intake.door.call("GET", "/files", facts=facts or cases.applicant())
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_the_content_says_what_a_file_is(intake: Intake) -> None:
    for media_type in ("application/octet-stream", "application/pdf"):
        answer = await intake.door.call("POST", "/files", facts=cases.applicant(), content=PDF, media_type=media_type)
        assert (answer.status_code, answer.json()["media_type"]) == (201, "application/pdf")
    lying = await intake.door.call("POST", "/files", facts=cases.applicant(), content=PDF, media_type="image/png")
    assert (lying.status_code, lying.json()["code"]) == (415, "file-not-acceptable")
    script = PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>")
    unsafe = await intake.door.call("POST", "/files", facts=cases.applicant(), content=script, media_type="application/pdf")
    assert (unsafe.status_code, unsafe.json()["code"], unsafe.json()["rule"]) == (415, "file-not-safe", "script")


async def test_a_file_is_given_again_without_another_upload(intake: Intake) -> None:
    facts = cases.applicant()
    named = "/files?name=%E7%96%AB%E8%8B%97%E6%9C%AC"
    file_id = (await intake.door.call("POST", named, facts=facts, content=cases.PNG, media_type="image/png")).json()["file_id"]
    numbers = []
    for key in ("first", "second"):
        body = await intake.body(facts)
        body["materials"][1] = {"code": "vaccination-proof", "file_id": file_id}
        answer = await intake.door.call("POST", "/cases", facts=facts, json=body, key=key)
        assert answer.status_code == 201, answer.text
        numbers.append(answer.json()["number"])
    [mine] = await library(intake)
    assert (mine["file_id"], mine["name"], mine["media_type"], mine["size_bytes"]) == (file_id, "疫苗本", "image/png", len(cases.PNG))
    uses = [(each["number"], each["material"], each["is_open"]) for each in mine["uses"]]
    assert uses == [(number, "vaccination-proof", True) for number in numbers]
    assert await library(intake, cases.applicant(cases.STRANGER)) == []


async def test_a_file_of_a_running_case_stays_and_one_of_an_ended_case_stays_with_the_case(intake: Intake) -> None:
    facts = cases.applicant()
    number = await intake.submitted()
    [mine] = await library(intake)
    path = f"/files/{mine['file_id']}"
    used = await intake.door.call("DELETE", path, facts=facts)
    assert (used.status_code, used.json()["code"], used.json()["cases"]) == (409, "file-in-use", [number])
    assert (await intake.door.call("DELETE", path, facts=cases.applicant(cases.STRANGER))).status_code == 404
    assert (await intake.door.call("POST", f"/cases/{number}/withdrawal", facts=facts, json={}, key="w")).status_code == 200
    assert (await intake.door.call("DELETE", path, facts=facts)).status_code == 204
    assert await library(intake) == []
    kept = await intake.door.call("GET", f"/cases/{number}/files/{mine['file_id']}", facts=cases.handler())
    assert kept.content == cases.PNG
    body = await intake.body(facts)
    assert body["materials"][1]["file_id"] == mine["file_id"]
    assert len(await library(intake)) == 1


async def test_a_file_that_was_removed_is_given_no_more(intake: Intake) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    file_id = body["materials"][1]["file_id"]
    assert (await intake.door.call("DELETE", f"/files/{file_id}", facts=facts)).status_code == 204
    answer = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "file-not-found")


async def test_the_files_of_a_case_are_bounded_together(intake: Intake) -> None:
    facts = cases.applicant()
    materials = [cases.material(f"proof-{number}") for number in range(21)]
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(materials=materials))
    given = []
    for number in range(21):
        file_id = await intake.upload(facts, cases.PNG.ljust(1024 * 1024 - number, b"x"))
        given.append({"code": f"proof-{number}", "file_id": file_id})
    answer = await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts, materials=given), key="k")
    assert (answer.status_code, answer.json()["code"]) == (413, "case-files-too-large")
