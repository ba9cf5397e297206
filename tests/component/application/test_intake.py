import asyncio
import functools
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.api.certificate import UseCertificate
from contracts.events.access import DataAccessed
from contracts.events.application import CaseSubmitted
from contracts.values import CaseId, CaseNumber
from services.application.neighbours import consent_id
from services.application.tables import cases as case_rows
from services.application.tables import consents, materials, serials
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.service import published

DEEP: Any = functools.reduce(lambda inner, _: [inner], range(40), 1)


async def submit(intake: Intake, key: str = "first", **changes: Any) -> Any:
    facts = cases.applicant()
    return await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts, **changes), key=key)


async def count(intake: Intake, table: sa.Table) -> int:
    async with intake.database.reading() as session:
        return int((await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def test_a_submission_becomes_a_case_with_a_national_number(intake: Intake) -> None:
    answer = await submit(intake)
    assert answer.status_code == 201
    case = answer.json()
    number = CaseNumber(case["number"])
    assert number == f"{cases.TASK}20261124000001"
    assert (case["status"], case["agency"], case["division"], case["illustrative"]) == ("submitted", cases.AGENCY, cases.HUANGPU, True)
    [event] = await published(intake.database, CaseSubmitted)
    assert (event.number, event.person_id, event.division, event.agency) == (number, cases.PERSON, cases.HUANGPU, cases.AGENCY)


async def test_every_retry_answers_the_same_case(intake: Intake) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    first = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    second = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert await count(intake, case_rows) == 1
    assert len(await published(intake.database, CaseSubmitted)) == 1


async def test_twins_at_the_same_moment_make_one_case(intake: Intake) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    answers = await asyncio.gather(*(intake.door.call("POST", "/cases", facts=facts, json=body, key="k") for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    numbers = {answer.json()["number"] for answer in answers if answer.status_code == 201}
    assert numbers == {f"{cases.TASK}20261124000001"}
    assert await count(intake, case_rows) == 1


async def test_the_same_key_with_another_body_is_refused(intake: Intake) -> None:
    assert (await submit(intake, "k")).status_code == 201
    other = await submit(intake, "k", values={"dog_name": "阿黑", "address": "示例路 1 号"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_without_a_key_nothing_is_submitted(intake: Intake) -> None:
    facts = cases.applicant()
    answer = await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-required")


async def test_a_retry_after_a_crash_before_the_commit_has_the_same_number(intake: Intake) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    used: list[str] = []

    def die_after_use(said: Any) -> Any:
        used.append(UseCertificate.model_validate(said).case_number)
        return 500 if len(used) == 1 else cases.used()

    intake.neighbours.answers("certificate", "POST", f"/certificates/{cases.CARD_ID}/uses", die_after_use)
    first = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert (first.status_code, first.json()["code"]) == (503, "unavailable")
    second = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    assert second.status_code == 201
    assert used == [second.json()["number"]] * 2
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(serials.c.last))).scalar_one() == 1


async def test_a_held_certificate_is_used_with_purpose_and_consent(intake: Intake) -> None:
    number = (await submit(intake)).json()["number"]
    [said] = [body for _, _, path, body in intake.neighbours.asked if path.endswith("/uses")]
    assert said == {
        "person_id": cases.PERSON,
        "case_number": number,
        "task_code": cases.TASK,
        "purpose": "办理犬类准养证",
        "consent_id": consent_id(CaseNumber(number), cases.CARD_ID),
        "version": 1,
    }
    [consent] = (await intake.door.call("GET", "/consents", facts=cases.applicant())).json()["items"]
    assert (consent["case_number"], consent["purpose"], consent["certificate_id"]) == (number, "办理犬类准养证", cases.CARD_ID)


async def test_looking_at_data_is_told_even_when_the_submission_is_refused(intake: Intake) -> None:
    refused = await submit(intake, values={"dog_name": "", "address": "示例路 1 号"})
    assert (refused.status_code, refused.json()["code"]) == (422, "values-not-valid")
    [access] = await published(intake.database, DataAccessed)
    assert (access.subjects, access.service, access.owner) == ((cases.PERSON,), "application", "identity")
    assert await count(intake, case_rows) == 0


async def test_a_submission_tells_whose_data_it_took_from_whom(intake: Intake) -> None:
    await submit(intake)
    assert {access.owner for access in await published(intake.database, DataAccessed)} == {"identity", "certificate"}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"version": 2}, 409, "form-out-of-date"),
        ({"values": {"dog_name": "阿黄"}}, 422, "values-not-valid"),
        ({"values": {"dog_name": "阿\u0000黄", "address": "示例路"}}, 422, "invalid-request"),
        ({"values": {"dog_name": "阿\u202e黄", "address": "示例路"}}, 422, "invalid-request"),
        ({"values": {"dog_name": "阿黄", "address": "示例路", "applicant_name": "示例·乙二"}}, 422, "value-differs-from-source"),
        ({"values": {"dog_name": "长" * 4001, "address": "示例路"}}, 422, "invalid-request"),
        ({"values": {f"field_{number}": 1 for number in range(101)}}, 422, "invalid-request"),
        ({"values": {"dog_name": [[1] * 101], "address": "示例路"}}, 422, "invalid-request"),
        ({"values": {"dog_name": DEEP, "address": "示例路"}}, 400, "malformed-body"),
        ({"values": {"dog_name": "阿黄", "address": "示例路", "applicant_name": 7}}, 422, "value-differs-from-source"),
        ({"values": {"dog_name": "阿黄", "address": "示例路", "applicant_name": None}}, 422, "value-differs-from-source"),
        ({"materials": []}, 422, "materials-not-valid"),
        ({"materials": [{"code": "identity-card"}]}, 422, "invalid-request"),
        ({"colour": "黄"}, 422, "invalid-request"),
        ({"version": True}, 422, "invalid-request"),
        ({"task_code": "11310101TE5T0101924310101900001"}, 404, "not-found"),
    ],
)
async def test_a_submission_that_is_not_right_changes_nothing(intake: Intake, changes: dict[str, Any], status: int, code: str) -> None:
    answer = await submit(intake, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await count(intake, case_rows) == 0


async def test_somebody_elses_file_is_no_file(intake: Intake) -> None:
    foreign = await intake.upload(cases.applicant(cases.STRANGER))
    body = await intake.body(cases.applicant())
    body["materials"][1]["file_id"] = foreign
    answer = await intake.door.call("POST", "/cases", facts=cases.applicant(), json=body, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "file-not-found")


async def test_somebody_elses_certificate_is_refused(intake: Intake) -> None:
    intake.neighbours.answers("certificate", "POST", "/holdings", [])
    answer = await submit(intake)
    assert (answer.status_code, answer.json()["code"], answer.json()["material"]) == (422, "certificate-use-refused", "identity-card")
    assert not [path for _, _, path, _ in intake.neighbours.asked if path.endswith("/uses")]


@pytest.mark.parametrize("away", ["catalogue", "identity", "certificate"])
async def test_a_neighbour_that_is_away_leaves_nothing_half_done(intake: Intake, away: str) -> None:
    paths = {
        "catalogue": ("GET", f"/matters/{cases.TASK}/definition"),
        "identity": ("GET", f"/persons/{cases.PERSON}/profile"),
        "certificate": ("POST", "/holdings"),
    }
    intake.neighbours.answers(away, *paths[away], 503)
    answer = await submit(intake)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert await count(intake, case_rows) == 0


async def test_assurance_two_is_not_enough_to_submit(intake: Intake) -> None:
    facts = cases.applicant(assurance=2)
    answer = await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts), key="k")
    assert answer.status_code == 403


async def test_personal_data_is_sealed_at_rest(intake: Intake) -> None:
    await submit(intake)
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(case_rows))).one()
        copies = (await session.execute(sa.select(materials.c.copy))).scalars().all()
    at_rest = repr(row) + repr(copies)
    for personal in ("甲一", "31999919900515001X", "示例路", "阿黄"):
        assert personal not in at_rest
        assert personal.encode() not in b"".join([row.form, row.applicant, *filter(None, copies)])


async def test_the_same_file_twice_is_one_file_and_what_it_is_not_is_refused(intake: Intake) -> None:
    facts = cases.applicant()
    assert await intake.upload(facts) == await intake.upload(facts)
    assert await intake.upload(facts) != await intake.upload(cases.applicant(cases.STRANGER))
    lying = await intake.door.call("POST", "/files", facts=facts, content=b"<script>", media_type="image/png")
    assert (lying.status_code, lying.json()["code"]) == (415, "file-not-acceptable")


async def test_a_file_may_be_a_mebibyte_and_no_more(intake: Intake) -> None:
    facts = cases.applicant()
    largest = cases.PNG.ljust(1024 * 1024, b"x")
    await intake.upload(facts, largest)
    answer = await intake.door.call("POST", "/files", facts=facts, content=largest + b"x", media_type="image/png")
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_the_form_comes_prefilled_and_says_how_each_material_is_given(intake: Intake) -> None:
    answer = await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=cases.applicant())
    form = answer.json()
    fields = {field["name"]: (field["value"], field["source"]) for field in form["fields"]}
    assert fields["applicant_name"] == ("示例·甲一", "population-base")
    assert fields["dog_name"] == (None, None)
    masked = {field["name"]: field["value"] for field in form["fields"] if field["is_masked"]}
    assert masked == {"applicant_id": "319***********001X"}
    ways = {each["code"]: each["how"] for each in form["materials"]}
    assert ways == {"identity-card": "held", "vaccination-proof": "upload", "home-proof": "commitment", "household": "waived"}
    assert intake.door.disclosed[-1].subjects == (cases.PERSON,)


async def test_the_form_comes_without_the_certificate_service_too(intake: Intake) -> None:
    intake.neighbours.answers("certificate", "POST", "/holdings", 503)
    form = (await intake.door.call("GET", f"/matters/{cases.TASK}/form", facts=cases.applicant())).json()
    assert {each["code"]: each["how"] for each in form["materials"]}["identity-card"] == "unknown"


async def test_serials_count_up_within_matter_and_day(intake: Intake) -> None:
    numbers = [(await submit(intake, f"key-{number}")).json()["number"] for number in range(3)]
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]


async def pages_of(intake: Intake, path: str) -> list[list[dict[str, Any]]]:
    """Every page, each fetched by the cursor of the one before."""
    found, cursor = list[list[dict[str, Any]]](), None
    while cursor or not found:
        query = f"?before={cursor}" if cursor else ""
        page = (await intake.door.call("GET", f"{path}{query}", facts=cases.applicant())).json()
        found.append(page["items"])
        cursor = page["next"]
    return found


async def test_cases_and_consents_come_in_pages_and_none_is_missed(intake: Intake) -> None:
    """All consents were given at the same instant."""
    await submit(intake)
    async with intake.database.transaction() as session:
        for table, number in ((case_rows, "number"), (consents, "case_number")):
            [row] = (await session.execute(sa.select(table))).all()
            more = [row._asdict() | {"id": CaseId.new(), number: f"{cases.TASK}20261125{serial:06d}"} for serial in range(100)]
            await session.execute(sa.insert(table), more)
    for path, number in (("/cases", "number"), ("/consents", "case_number")):
        pages = await pages_of(intake, path)
        assert [len(page) for page in pages] == [50, 50, 1]
        assert len({each[number] for page in pages for each in page}) == 101


async def test_a_cursor_of_somebody_else_shows_nothing_of_theirs(intake: Intake) -> None:
    number = (await submit(intake)).json()["number"]
    consent = consent_id(CaseNumber(number), cases.CARD_ID)
    for path in (f"/cases?before={number}", f"/consents?before={consent}"):
        answer = await intake.door.call("GET", path, facts=cases.applicant(cases.STRANGER))
        assert answer.json() == {"items": [], "next": None}
    assert (await intake.door.call("GET", "/consents?before=1", facts=cases.applicant())).status_code == 422


async def test_my_cases_come_newest_first_and_are_mine_alone(intake: Intake) -> None:
    numbers = [(await submit(intake, f"key-{number}")).json()["number"] for number in range(2)]
    mine = (await intake.door.call("GET", "/cases", facts=cases.applicant())).json()
    assert [each["number"] for each in mine["items"]] == numbers[::-1]
    after = (await intake.door.call("GET", f"/cases?before={numbers[1]}", facts=cases.applicant())).json()
    assert [each["number"] for each in after["items"]] == numbers[:1]
    assert (await intake.door.call("GET", "/cases", facts=cases.applicant(cases.STRANGER))).json()["items"] == []
    foreign = await intake.door.call("GET", f"/cases/{numbers[0]}", facts=cases.applicant(cases.STRANGER))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "case-not-found")
