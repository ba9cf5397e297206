"""One person, many documents: registered by any, found by each."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.events.identity import PersonVerified
from deploy.local.sandbox import population
from tests.component.identity.accounts import account_of, document, profile_of, registered_with, second_proof, with_document, with_phone
from tests.component.identity.office import PEOPLE, Office, back
from tests.support.service import published

HM = document("HM_PERMIT", "H9990000101")
HM_AGAIN = document("HM_PERMIT", "H9990000102")
PASSPORT = document("PASSPORT_CN", "E99900001")
GERMAN = document("PASSPORT_FOREIGN", "X99900001", "DEU")
PAUSE = timedelta(minutes=1)
NOBODY = document("PASSPORT_CN", "E11111111")


@pytest.mark.parametrize(("name", "said"), [(each["name"], document(*key)) for key, each in population.DOCUMENTS.items()])
async def test_a_person_registers_by_any_document_and_signs_on_by_it(office: Office, name: str, said: dict[str, Any]) -> None:
    person = await registered_with(office, name, said)
    [held] = (await account_of(office, person))["documents"]
    assert held["type"] == said["type"]
    assert said["number"] not in str(held)
    username = f"{said.get('country', '')}{said['number']}".lower()
    assert "code" in back(await office.login(username=username))


@pytest.mark.parametrize("type_", ["RIC", "TMP_RIC", "HUKOU"])
async def test_a_resident_number_needs_the_second_proof(office: Office, type_: str) -> None:
    said = document(type_, PEOPLE[0]["resident_id"])
    refused = await with_document(office, PEOPLE[0]["name"], said)
    assert (refused.status_code, refused.json()["code"]) == (422, "second-proof-needed")
    office.clock.advance(PAUSE)
    answer = await with_document(office, PEOPLE[0]["name"], said, second_proof=second_proof())
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("别人", PASSPORT, "real-name-not-confirmed"),
        (PEOPLE[0]["name"], NOBODY, "real-name-not-confirmed"),
        ("Anna Sample", document("PASSPORT_FOREIGN", "X99900001", "FRA"), "real-name-not-confirmed"),
        (PEOPLE[0]["name"], document("PASSPORT_CN", "E9990000"), "invalid-request"),
        (PEOPLE[0]["name"], document("PASSPORT_CN", "E99900001", "DEU"), "invalid-request"),
        (PEOPLE[0]["name"], document("LIBRARY_CARD", "E99900001"), "invalid-request"),
    ],
)
async def test_what_no_provider_vouches_for_is_refused(office: Office, name: str, said: dict[str, Any], code: str) -> None:
    refused = await with_document(office, name, said)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await published(office.database) == []


async def test_a_document_more_is_one_person_s_and_each_finds_them(office: Office) -> None:
    person = await office.registered()
    added = await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person)
    assert (added.status_code, added.json()["merge_id"]) == (201, None), added.text
    assert [each["type"] for each in (await account_of(office, person))["documents"]] == ["RIC", "PASSPORT_CN"]
    for username in ("E99900001", PEOPLE[0]["resident_id"], "13800000001"):
        assert "code" in back(await office.login(username=username))
    said = (await profile_of(office, person)).json()
    assert (said["document"]["type"], said["resident_id"]["value"]) == ("RIC", PEOPLE[0]["resident_id"])
    assert [each.assurance for each in await published(office.database, PersonVerified)] == [2, 2]


async def test_another_s_document_is_refused_by_its_name(office: Office) -> None:
    person = await office.registered()
    refused = await office.api("POST", "/persons/me/documents", {"document": HM}, person=person)
    assert refused.json()["code"] == "real-name-not-confirmed"
    other = await office.api("POST", "/persons/me/documents", {"document": HM, "name": "示例·港一"}, person=person)
    assert other.json()["code"] == "name-not-the-same"
    assert len((await account_of(office, person))["documents"]) == 1


async def test_a_second_resident_number_is_a_correction_and_no_addition(office: Office) -> None:
    person = await office.registered()
    said = {"document": document("RIC", PEOPLE[1]["resident_id"])}
    refused = await office.api("POST", "/persons/me/documents", said, person=person)
    assert (refused.status_code, refused.json()["code"]) == (409, "resident-number-held")


async def test_a_newer_issue_takes_the_place_of_the_older_which_stays_known(office: Office) -> None:
    person = await registered_with(office, "示例·港一", HM)
    assert (await office.api("POST", "/persons/me/documents", {"document": HM_AGAIN}, person=person)).status_code == 201
    assert len((await account_of(office, person))["documents"]) == 1
    [before] = (await office.api("GET", "/persons/me/history", person=person)).json()["items"]
    assert (before["item"], before["value"], before["source"]) == ("document:HM_PERMIT", "H9990000101", "exit-entry")
    assert "code" in back(await office.login(username="H9990000101"))


async def test_the_same_document_again_is_the_same(office: Office) -> None:
    person = await office.registered()
    first = await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person)
    again = await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person)
    assert again.json()["document_id"] == first.json()["document_id"]
    assert len((await account_of(office, person))["documents"]) == 2


async def test_a_document_of_another_account_asks_for_a_merge_and_says_nothing_of_whose(office: Office) -> None:
    holder = await registered_with(office, PEOPLE[0]["name"], PASSPORT)
    person = await office.registered()
    asked = await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person)
    assert (asked.status_code, asked.json()["document_id"]) == (201, None)
    assert asked.json()["merge_id"]
    assert holder not in asked.text


async def test_a_retry_with_its_key_gets_its_answer(office: Office) -> None:
    person = await office.registered()
    answers = [await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person, key="k-1") for _ in range(2)]
    assert answers[0].content == answers[1].content


async def test_a_phone_makes_an_account_of_level_one_and_a_document_a_person(office: Office) -> None:
    person = await with_phone(office)
    account = await account_of(office, person)
    assert (account["assurance"], account["name"], account["documents"]) == (1, None, [])
    assert "code" in back(await office.login(username="13800000005"))
    assert (await profile_of(office, person)).json()["code"] == "person-not-verified"
    ric = {"document": document("RIC", PEOPLE[0]["resident_id"])}
    nameless = await office.api("POST", "/persons/me/documents", ric, person=person, assurance=1)
    assert nameless.json()["code"] == "name-needed"
    named = ric | {"name": PEOPLE[0]["name"]}
    assert (await office.api("POST", "/persons/me/documents", named, person=person, assurance=1)).json()["code"] == "second-proof-needed"
    proven = named | {"second_proof": second_proof()}
    added = await office.api("POST", "/persons/me/documents", proven, person=person, assurance=1)
    assert (added.status_code, added.json()["assurance"]) == (201, 2)
    assert (await account_of(office, person))["name"] == PEOPLE[0]["name"]
    assert [each.assurance for each in await published(office.database, PersonVerified)] == [1, 2]


async def test_a_phone_of_somebody_makes_no_second_account(office: Office) -> None:
    await with_phone(office)
    office.clock.advance(PAUSE)
    said = {"phone": "13800000005"}
    await office.api("POST", "/sms-codes", said)
    again = await office.api(
        "POST",
        "/registrations/phone",
        said | {"sms_code": office.code_sent_to("13800000005"), "password": "a-good-password", "accepts_agreement": True},
    )
    assert (again.status_code, again.json()["code"]) == (409, "already-registered")


async def test_a_foreigner_s_profile_has_a_document_and_no_resident_number(office: Office) -> None:
    person = await registered_with(office, "Anna Sample", GERMAN)
    said = (await profile_of(office, person)).json()
    assert said["document"] | {"at": ""} == {
        "type": "PASSPORT_FOREIGN",
        "number": "X99900001",
        "country": "DEU",
        "source": "exit-entry",
        "at": "",
    }
    assert (said["resident_id"], said["sex"], said["born"]) == (None, None, None)


async def test_documents_lie_sealed_and_their_hash_is_of_what_is_sealed(office: Office) -> None:
    await registered_with(office, "Anna Sample", GERMAN)
    async with office.database.reading() as session:
        row = (await session.execute(sa.text("SELECT number, number_key FROM documents"))).one()
    sealer = office.door.app.state.sealer
    assert b"X99900001" not in row.number
    assert row.number_key == sealer.lookup(sealer.open(row.number))


async def test_of_two_who_use_one_code_at_once_one_registers(office: Office) -> None:
    phone = {"phone": "13800000005"}
    await office.api("POST", "/sms-codes", phone)
    said = phone | {"sms_code": office.code_sent_to("13800000005"), "password": "a-good-password", "accepts_agreement": True}
    answers = await asyncio.gather(*(office.api("POST", "/registrations/phone", said) for _ in range(2)))
    assert sorted(each.status_code for each in answers) == [201, 422]


async def test_of_two_accounts_that_add_one_document_at_once_one_holds_it(office: Office) -> None:
    first = await registered_with(office, PEOPLE[0]["name"], PASSPORT)
    second = await registered_with(office, PEOPLE[0]["name"], document("OFFICER", "示字第0001号"), phone="13800000010")
    said = {"document": document("RIC", PEOPLE[0]["resident_id"])}
    answers = await asyncio.gather(*(office.api("POST", "/persons/me/documents", said, person=each) for each in (first, second)))
    won = [each for each in answers if each.status_code == 201 and each.json()["document_id"]]
    assert len(won) == 1
    [lost] = [each for each in answers if each not in won]
    assert lost.status_code == 409 or lost.json()["merge_id"], lost.text


async def test_an_account_of_a_phone_is_exported_and_closed_too(office: Office) -> None:
    person = await with_phone(office)
    sections = (await office.api("GET", "/persons/me/export", person=person, assurance=1)).json()["sections"]
    assert [field["value"] for field in sections["account"]["records"][0]["fields"] if field["name"] in {"name", "phone"}] == [
        "13800000005"
    ]
    assert sections["documents"]["records"] == []
    closed = await office.api("POST", "/persons/me/closing", {"confirms": True}, person=person, assurance=1)
    assert closed.status_code == 200
