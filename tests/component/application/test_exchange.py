"""National exchange: what happened is told once and in its order, what is rejected comes again, and nothing mandatory is missing."""

from datetime import timedelta
from typing import Any

from services.application.domain.exchange import Record, missing
from tests.component.application.conftest import Intake
from tests.support import cases


def operator() -> Any:
    return cases.handler("op-001", kind="operator")


async def batch(intake: Intake, key: str) -> dict[str, Any]:
    answer = await intake.door.call("POST", "/exchange-batches", facts=operator(), key=key)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def records(intake: Intake, batch_id: str) -> list[dict[str, Any]]:
    answer = await intake.door.call("GET", f"/exchange-batches/{batch_id}/records", facts=operator())
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def receipt(intake: Intake, batch_id: str, *rejected: str, key: str = "receipt") -> Any:
    body = {"reference": "示例-1", "rejected": [{"row_guid": each, "reason": "证件类型有误"} for each in rejected]}
    return await intake.door.call("POST", f"/exchange-batches/{batch_id}/receipt", facts=operator(), json=body, key=key)


async def told(intake: Intake, key: str = "b1") -> tuple[str, list[dict[str, Any]]]:
    intake.clock.advance(timedelta(minutes=2))
    made = await batch(intake, key)
    return made["batch_id"], await records(intake, made["batch_id"])


async def test_a_case_is_told_in_its_order_with_everything_mandatory(intake: Intake) -> None:
    number = await intake.granted()
    _, found = await told(intake)
    assert [each["columns"]["event_name"] for each in found if each["kind"] == "process"] == ["已申报", "已受理", "开始审查", "准予"]
    [accept] = [each["columns"] for each in found if each["kind"] == "accept"]
    assert (accept["project_no"], accept["applyer_type"], accept["task_version"]) == (number, "1", "1")
    assert accept["accept_date"] >= accept["apply_date"]
    assert {each["columns"]["material_name"] for each in found if each["kind"] == "material"} >= {
        "示例·identity-card",
        "示例·vaccination-proof",
    }
    assert {each["operation"] for each in found} == {"I"}
    for each in found:
        assert missing(Record(each["row_guid"], each["kind"], each["columns"])) == []
        assert {"row_guid", "data_source", "cd_batch", "cd_operation", "cd_time"} <= set(each["columns"])


async def test_nothing_is_told_twice_and_what_is_rejected_comes_again(intake: Intake) -> None:
    await intake.granted()
    first, found = await told(intake)
    assert await told(intake, "b2") != (first, found)
    empty = await batch(intake, "b3")
    assert empty["records"] == 0
    bad = next(each["row_guid"] for each in found if each["kind"] == "accept")
    answer = await receipt(intake, first, bad)
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (len(found) - 1, 1)
    _, again = await told(intake, "b4")
    assert [(each["row_guid"], each["operation"]) for each in again] == [(bad, "U")]
    assert (await batch(intake, "b5"))["records"] == 0
    seen = {each["row_guid"]: (each["state"], each["reason"]) for each in await records(intake, first)}
    assert seen[bad] == ("rejected", "证件类型有误")


async def test_a_receipt_is_given_once_and_names_records_of_its_batch(intake: Intake) -> None:
    await intake.submitted()
    first, _ = await told(intake)
    assert (await receipt(intake, first, "0" * 32)).json()["code"] == "not-of-the-batch"
    assert (await receipt(intake, first, key="right")).status_code == 200
    assert (await receipt(intake, first, key="again")).json()["code"] == "receipt-is-there"


async def test_what_has_just_happened_waits_until_all_of_it_can_be_seen(intake: Intake) -> None:
    await intake.submitted()
    assert (await batch(intake, "b1"))["records"] == 0


async def test_how_a_case_ended_is_told_as_its_result(intake: Intake) -> None:
    number = await intake.submitted()
    said = {"kind": "not_eligible", "reason": "未接种", "cites": ["condition:1"]}
    assert (await intake.act(number, "intake-refusal", **said)).status_code in {200, 404}
    await intake.door.call("POST", f"/cases/{number}/withdrawal", facts=cases.applicant(), json={"reason": "不办了"}, key="w")
    _, found = await told(intake)
    [result] = [each["columns"] for each in found if each["kind"] == "result"]
    assert result["result_type"] in {"1", "3"}
    assert result["is_delivery_results"] == "0"
