"""暂存: two devices, one draft; and what becomes of it when it is submitted, or when the matter changes meanwhile."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.values import MandateId
from services.application import worker
from services.application.settings import ApplicationSettings
from services.application.tables import cases as case_rows
from services.application.tables import drafts, history, idempotency_keys
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.eventually import eventually
from tests.support.service import settings_of
from tests.support.station import running

HALF = {"task_code": cases.TASK, "version": 1, "values": {"dog_name": "阿黄"}}


async def begun(intake: Intake, facts: Any = None, key: str = "draft", **more: Any) -> dict[str, Any]:
    answer = await intake.door.call("POST", "/drafts", facts=facts or cases.applicant(), json=HALF | more, key=key)
    assert answer.status_code == 201, answer.text
    assert "values" not in answer.json()
    return dict((await read(intake, answer.json()["draft_id"], facts)).json())


async def read(intake: Intake, draft_id: str, facts: Any = None) -> Any:
    return await intake.door.call("GET", f"/drafts/{draft_id}", facts=facts or cases.applicant())


async def save(intake: Intake, draft: dict[str, Any], facts: Any = None, **values: Any) -> Any:
    body = {"revision": draft["revision"], "version": 1, "values": values, "materials": draft["materials"]}
    return await intake.door.call("PUT", f"/drafts/{draft['draft_id']}", facts=facts or cases.applicant(), json=body)


async def test_what_is_begun_on_one_device_goes_on_on_another(intake: Intake) -> None:
    phone, desk = replace(cases.applicant(), channel="app"), replace(cases.applicant(), channel="portal")
    draft = await begun(intake, phone, materials=[{"code": "home-proof", "commitment": True}])
    intake.clock.advance(timedelta(hours=1))
    [listed] = (await intake.door.call("GET", "/drafts", facts=desk)).json()
    assert (listed["draft_id"], listed["matter_name"]) == (draft["draft_id"], "犬类准养证核发")
    resumed = (await read(intake, draft["draft_id"], desk)).json()
    assert (resumed["values"], resumed["changed"]) == ({"dog_name": "阿黄"}, None)
    assert [(each["code"], each["commitment"]) for each in resumed["materials"]] == [("home-proof", True)]
    saved = (await save(intake, resumed, desk, dog_name="阿黄", address="示例路 1 号")).json()
    assert (saved["revision"], saved["began_at"]) == (2, draft["began_at"])
    assert saved["kept_until"] > draft["kept_until"]
    assert (await read(intake, draft["draft_id"], phone)).json()["values"] == {"dog_name": "阿黄", "address": "示例路 1 号"}


async def test_two_devices_do_not_overwrite_each_other(intake: Intake) -> None:
    draft = await begun(intake)
    assert (await save(intake, draft, dog_name="阿黑")).status_code == 200
    late = await save(intake, draft, dog_name="阿白")
    assert (late.status_code, late.json()["code"], late.json()["revision"]) == (409, "draft-has-changed", 2)
    assert (await read(intake, draft["draft_id"])).json()["values"] == {"dog_name": "阿黑"}


async def test_a_draft_begun_twice_by_a_retry_is_one(intake: Intake) -> None:
    first, second = await begun(intake), await begun(intake)
    assert first["draft_id"] == second["draft_id"]
    assert len((await intake.door.call("GET", "/drafts", facts=cases.applicant())).json()) == 1


async def test_a_draft_is_its_applicants_and_that_of_one_mandate_alone(intake: Intake) -> None:
    own = await begun(intake)
    by_agent = await begun(intake, cases.by_mandate(), "by-agent")
    other_mandate = replace(cases.by_mandate(), mandate=MandateId.new())
    for facts in (cases.applicant(cases.STRANGER), cases.by_mandate(), other_mandate):
        assert (await read(intake, own["draft_id"], facts)).json()["code"] == "draft-not-found"
        assert (await save(intake, own, facts, dog_name="阿黑")).status_code == 404
        gone = await intake.door.call("DELETE", f"/drafts/{own['draft_id']}", facts=facts)
        assert (gone.status_code, gone.json()["code"]) == (404, "draft-not-found")
    assert (await read(intake, by_agent["draft_id"], cases.applicant())).status_code == 404
    assert (await read(intake, by_agent["draft_id"], cases.by_mandate())).status_code == 200
    narrowed = cases.by_mandate(matters=("999999999999",))
    assert (await read(intake, by_agent["draft_id"], narrowed)).status_code == 404


async def test_what_is_in_a_draft_is_sealed_at_rest_and_gone_when_it_is_discarded(intake: Intake) -> None:
    draft = await begun(intake)
    async with intake.database.reading() as session:
        content = (await session.execute(sa.select(drafts.c.content))).scalar_one()
        kept_answer = (await session.execute(sa.select(idempotency_keys.c.body))).scalar_one()
    assert "阿黄".encode() not in content + kept_answer
    assert (await intake.door.call("DELETE", f"/drafts/{draft['draft_id']}", facts=cases.applicant())).status_code == 204
    assert (await read(intake, draft["draft_id"])).status_code == 404


async def test_a_submission_takes_its_draft_with_it_and_says_how_long_filling_in_took(intake: Intake) -> None:
    draft, facts = await begun(intake), cases.applicant()
    began_at = intake.clock.now()
    intake.clock.advance(timedelta(minutes=3))
    body = await intake.body(facts, draft_id=draft["draft_id"])
    first = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert first.status_code == 201, first.text
    assert (await read(intake, draft["draft_id"])).status_code == 404
    again = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert (again.status_code, again.json()["number"]) == (201, first.json()["number"])
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(case_rows.c.began_at, case_rows.c.submitted_at))).one()
        record = (await session.execute(sa.select(history.c.began_at).where(history.c.act == "submitted"))).scalar_one()
    assert (row.began_at, record, row.submitted_at - row.began_at) == (began_at, began_at, timedelta(minutes=3))


async def test_a_refused_submission_leaves_the_draft_where_it_was(intake: Intake) -> None:
    draft, facts = await begun(intake), cases.applicant()
    refused = await intake.door.call(
        "POST", "/cases", facts=facts, json=await intake.body(facts, draft_id=draft["draft_id"], values={"dog_name": ""}), key="k"
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "values-not-valid")
    assert (await read(intake, draft["draft_id"])).status_code == 200
    missing = await intake.body(cases.applicant(cases.STRANGER), draft_id=draft["draft_id"])
    foreign = await intake.door.call("POST", "/cases", facts=cases.applicant(cases.STRANGER), json=missing, key="k")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "draft-not-found")


def publish_another(intake: Intake) -> None:
    """From now on the matter asks for a chip, and for no name of the dog."""
    properties = dict(cases.definition().form_schema["properties"])
    del properties["dog_name"]
    schema = {**cases.definition().form_schema, "properties": {**properties, "chip": {"type": "string"}}, "required": ["chip"]}
    newer = cases.definition(version=2, form_schema=schema, field_titles={"chip": "芯片号"}, field_sources={})
    path = f"/matters/{cases.TASK}/definition"
    intake.neighbours.answers("catalogue", "GET", path, newer)
    intake.neighbours.answers("catalogue", "GET", f"{path}?version=1", cases.definition())


async def test_a_newer_version_is_told_with_what_changed_and_the_draft_is_kept(intake: Intake) -> None:
    draft, facts = await begun(intake), cases.applicant()
    publish_another(intake)
    changed = (await read(intake, draft["draft_id"])).json()["changed"]
    assert (changed["version"], changed["fields_added"], changed["fields_removed"]) == (2, ["chip"], ["dog_name"])
    body = await intake.body(facts, draft_id=draft["draft_id"])
    refused = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    said = refused.json()
    assert (refused.status_code, said["code"], said["version"]) == (409, "form-out-of-date", 2)
    assert (said["changed"]["fields_added"], said["changed"]["fields_removed"]) == (["chip"], ["dog_name"])
    assert (await read(intake, draft["draft_id"])).json()["values"] == {"dog_name": "阿黄"}


@pytest.mark.parametrize("gone", [404, 503])
async def test_a_draft_can_be_read_whatever_becomes_of_its_matter(intake: Intake, gone: int) -> None:
    draft = await begun(intake)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", gone)
    found = await read(intake, draft["draft_id"])
    assert (found.status_code, found.json()["changed"]) == (200, None)


async def test_a_draft_that_nobody_edits_is_forgotten_after_ninety_days(intake: Intake, tmp_path: Path) -> None:
    old = await begun(intake)
    intake.clock.advance(timedelta(days=89))
    edited = await begun(intake, key="another")
    assert (await save(intake, edited, dog_name="阿黄")).status_code == 200
    intake.clock.advance(timedelta(days=1, seconds=1))
    settings = settings_of(ApplicationSettings, intake.database, tmp_path, data_key_file=tmp_path / "data.key")
    [part] = [part for part in worker.create(settings, intake.database, intake.clock) if part.name == "drafts"]

    async def is_forgotten() -> bool:
        return (await read(intake, old["draft_id"])).status_code == 404

    async with running(part.main):
        await eventually(is_forgotten)
    assert (await read(intake, edited["draft_id"])).status_code == 200
