"""Two accounts of one person became one, and a person without a resident number applies."""

from typing import Any

import sqlalchemy as sa

from contracts.api.identity.persons import Profile
from contracts.events.identity import PersonMerged
from contracts.values import PersonId
from services.application.tables import consents, files
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY


async def owners(intake: Intake, table: sa.Table) -> list[str]:
    async with intake.database.reading() as session:
        return list((await session.execute(sa.select(table.c.person_id).order_by(table.c.id))).scalars())


async def listed(intake: Intake, person: PersonId) -> list[Any]:
    answer = await intake.door.call("GET", "/cases", facts=cases.applicant(person))
    items: list[Any] = answer.json()["items"]
    return items


async def test_what_a_merged_account_applied_for_is_the_other_account_s(intake: Intake) -> None:
    number, into = await intake.submitted(), PersonId.new()
    event = PersonMerged(person_id=cases.PERSON, into=into, merged_at=TODAY)
    for _ in range(2):
        await intake.feed.deliver(event, at=TODAY)
    assert [each["number"] for each in await listed(intake, into)] == [number]
    assert await listed(intake, cases.PERSON) == []
    assert set(await owners(intake, files)) == set(await owners(intake, consents)) == {into}
    dossier = await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())
    assert dossier.status_code == 200
    assert intake.feed.letters.verdicts == []


async def test_a_file_that_both_stored_stays_where_its_case_reads_it(intake: Intake) -> None:
    number, into = await intake.submitted(), PersonId.new()
    theirs = await intake.upload(cases.applicant(into))
    await intake.feed.deliver(PersonMerged(person_id=cases.PERSON, into=into, merged_at=TODAY), at=TODAY)
    assert sorted(await owners(intake, files)) == sorted([cases.PERSON, into])
    [material] = [each for each in (await dossier_of(intake, number))["materials"] if each["how"] == "file"]
    assert material["file"]["file_id"] != theirs
    path = f"/cases/{number}/files/{material['file']['file_id']}"
    assert (await intake.door.call("GET", path, facts=cases.handler())).content == cases.PNG


async def dossier_of(intake: Intake, number: str) -> dict[str, Any]:
    said: dict[str, Any] = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    return said


def foreigner() -> Profile:
    said = {"value": "Anna Sample", "source": "exit-entry", "at": TODAY}
    passport = {"type": "PASSPORT_FOREIGN", "number": "X99900001", "country": "DEU", "source": "exit-entry", "at": TODAY}
    return Profile.model_validate({"person_id": cases.PERSON, "assurance": 3, "name": said, "document": passport})


async def test_a_certificate_needs_a_resident_number_and_other_results_do_not(intake: Intake) -> None:
    intake.neighbours.answers("identity", "GET", f"/persons/{cases.PERSON}/profile", foreigner())
    facts = cases.applicant()
    values = {"dog_name": "阿黄", "address": "示例路 1 号", "applicant_id": "X99900001"}
    body = await intake.body(facts, values=values)
    refused = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k-1")
    assert (refused.status_code, refused.json()["code"]) == (409, "resident-number-needed")
    definition = cases.definition(result_certificate_type=None)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", definition)
    answer = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k-2")
    assert answer.status_code == 201, answer.text
