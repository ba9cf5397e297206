"""Putting right what is known of oneself, and what was known before. Source: PIPL Art. 46."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.events.identity import PersonVerified
from contracts.values import DocumentId, PersonId
from deploy.local.sandbox import population
from tests.component.identity.accounts import account_of, code, document, profile_of, registered_with
from tests.component.identity.office import PASSWORD, PEOPLE, Office, back
from tests.support.service import published

RENAMED = "示例·甲新"


async def correct(office: Office, person: PersonId, item: str, **said: Any) -> Any:
    return await office.api("POST", "/persons/me/corrections", {"item": item, **said}, person=person)


async def history(office: Office, person: PersonId) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await office.api("GET", "/persons/me/history", person=person)).json()["items"]
    return items


def said(moment: Any) -> str:
    return moment.isoformat().replace("+00:00", "Z")  # type: ignore[no-any-return]


async def test_a_name_is_corrected_when_the_population_base_has_the_new_one(office: Office) -> None:
    person = await office.registered()
    refused = await correct(office, person, "name", name=RENAMED)
    assert (refused.status_code, refused.json()["code"]) == (422, "real-name-not-confirmed")
    assert await history(office, person) == []


async def test_a_corrected_name_keeps_the_one_before(office: Office) -> None:
    person = await office.registered()
    before, registered_at = PEOPLE[0]["name"], office.clock.now()
    population.PEOPLE[PEOPLE[0]["resident_id"]]["name"] = RENAMED
    try:
        office.clock.advance(timedelta(days=1))
        assert (await correct(office, person, "name", name=RENAMED)).status_code == 200
        assert (await correct(office, person, "name", name=RENAMED)).status_code == 200
    finally:
        population.PEOPLE[PEOPLE[0]["resident_id"]]["name"] = before
    assert (await account_of(office, person))["name"] == RENAMED
    [item] = await history(office, person)
    assert (item["item"], item["value"], item["source"]) == ("name", before, "population-base")
    assert (item["since"], item["until"]) == (said(registered_at), said(office.clock.now()))
    assert (await profile_of(office, person)).json()["name"]["value"] == RENAMED
    assert len(await published(office.database, PersonVerified)) == 2


async def test_a_phone_is_corrected_by_the_code_sent_to_it(office: Office) -> None:
    person = await office.registered()
    office.clock.advance(timedelta(minutes=2))
    right = await code(office, "13800000008")
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    assert (await correct(office, person, "phone", phone="13800000008", sms_code=wrong)).json()["code"] == "sms-code-wrong"
    assert (await correct(office, person, "phone", phone="13800000008", sms_code=right)).status_code == 200
    assert (await correct(office, person, "phone", phone="13800000008", sms_code=right)).json()["code"] == "sms-code-wrong", "it was used"
    assert "code" in back(await office.login(username="13800000008"))
    assert (await office.login(username="13800000001")).status_code == 401
    assert [(each["item"], each["value"]) for each in await history(office, person)] == [("phone", "13800000001")]


async def test_a_code_sent_to_another_phone_corrects_nothing(office: Office) -> None:
    person = await office.registered()
    other = await code(office, "13800000007")
    refused = await correct(office, person, "phone", phone="13800000008", sms_code=other)
    assert refused.json()["code"] == "sms-code-wrong"


async def test_a_document_is_corrected_as_its_provider_has_it(office: Office) -> None:
    person = await registered_with(office, "示例·港一", document("HM_PERMIT", "H9990000101"))
    [held] = (await account_of(office, person))["documents"]
    newer = document("HM_PERMIT", "H9990000102")
    corrected = await correct(office, person, "document", document_id=held["document_id"], document=newer)
    assert corrected.status_code == 200, corrected.text
    assert [each["value"] for each in await history(office, person)] == ["H9990000101"]
    unknown = await correct(office, person, "document", document_id=held["document_id"], document=newer)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "document-not-found"), "it has ended"


async def test_a_document_of_another_account_is_no_correction(office: Office) -> None:
    await registered_with(office, PEOPLE[0]["name"], document("OFFICER", "示字第0001号"))
    person = await registered_with(office, PEOPLE[0]["name"], document("PASSPORT_CN", "E99900001"), phone="13800000010")
    [held] = (await account_of(office, person))["documents"]
    taken = await correct(office, person, "document", document_id=held["document_id"], document=document("OFFICER", "示字第0001号"))
    assert (taken.status_code, taken.json()["code"]) == (409, "document-not-available")
    assert [each["type"] for each in (await account_of(office, person))["documents"]] == ["PASSPORT_CN"]
    foreign = await correct(office, person, "document", document_id=DocumentId.new(), document=document("PASSPORT_CN", "E99900001"))
    assert foreign.json()["code"] == "document-not-found"


@pytest.mark.parametrize(
    "body", [{"item": "assurance", "value": 4}, {"item": "name"}, {"item": "name", "name": RENAMED, "more": 1}, {}, []]
)
async def test_nothing_else_is_corrected(office: Office, body: Any) -> None:
    person = await office.registered()
    assert (await office.api("POST", "/persons/me/corrections", body, person=person)).status_code == 422


async def test_a_correction_needs_a_fresh_sign_on(office: Office) -> None:
    document_of = office.door.app.openapi()["paths"]
    ages = {path: document_of[path]["post"]["x-tongban"]["max_age_s"] for path in ("/persons/me/corrections", "/persons/me/closing")}
    assert ages == {"/persons/me/corrections": 900, "/persons/me/closing": 300}


# What a person says of themself

DECLARED = {"nickname": "小甲", "website": "https://example.org/a", "address": {"locality": "上海", "country": "中国"}}


async def test_a_person_says_of_themself_what_openid_connect_names(office: Office) -> None:
    person = await office.registered()
    answer = await office.api("PATCH", "/persons/me", DECLARED, person=person)
    assert (answer.status_code, answer.json()["declared"]) == (200, DECLARED)
    changed = await office.api("PATCH", "/persons/me", {"nickname": "老甲", "website": None}, person=person)
    assert changed.json()["declared"] == {"nickname": "老甲", "address": DECLARED["address"]}
    assert [(each["item"], each["value"], each["source"]) for each in await history(office, person)] == [
        ("nickname", "小甲", "self"),
        ("website", "https://example.org/a", "self"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "别人"},
        {"nickname": "n" * 201},
        {"nickname": "a\u202eb"},
        {"website": "javascript:alert(1)"},
        {"email": "nobody"},
        {"locale": "中文"},
        {"gender": "x" * 5},
        {"address": {"planet": "Mars"}},
        {"picture": "https://example.org/" + "p" * 200},
        {"zoneinfo": "../etc"},
    ],
)
async def test_anything_else_is_refused(office: Office, body: dict[str, Any]) -> None:
    person = await office.registered()
    assert (await office.api("PATCH", "/persons/me", body, person=person)).status_code == 422
    assert (await account_of(office, person))["declared"] == {}


async def test_what_is_superseded_and_declared_lies_sealed(office: Office) -> None:
    person = await office.registered()
    await office.api("PATCH", "/persons/me", DECLARED, person=person)
    await office.api("PATCH", "/persons/me", {"nickname": "老甲"}, person=person)
    async with office.database.reading() as session:
        query = "SELECT declared, value FROM persons JOIN person_items ON person_id = persons.id AND persons.password <> :password"
        row = (await session.execute(sa.text(query), {"password": PASSWORD})).one()
    for secret in ("小甲", "老甲", "上海"):
        assert secret.encode() not in row.declared + row.value
