"""Levels L1 to L4: each by a proof, kept with who gave it; none falls."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.events.identity import PersonVerified
from contracts.values import PersonId
from deploy.local.sandbox import population
from services.identity.tables import verifications
from tests.component.identity.accounts import OFFICER, POLICE, account_of, by_officer, code, document, registered_with, with_phone
from tests.component.identity.office import PEOPLE, Office
from tests.support.service import published

GERMAN = document("PASSPORT_FOREIGN", "X99900001", "DEU")
RIC = document("RIC", PEOPLE[0]["resident_id"])
SEEN = {"name": PEOPLE[0]["name"], "document": RIC}


def capture(face: str) -> dict[str, str]:
    return {"method": "face", "capture": base64.b64encode(face.encode()).decode()}


async def proofs(office: Office, person: PersonId) -> list[tuple[Any, ...]]:
    columns = (verifications.c.method, verifications.c.provider, verifications.c.source, verifications.c.assurance)
    async with office.database.reading() as session:
        query = sa.select(*columns).where(verifications.c.person_id == person).order_by(verifications.c.id)
        return [tuple(row) for row in await session.execute(query)]


async def test_every_proof_says_who_gave_it_and_what_stood_behind_it(office: Office) -> None:
    person = await office.registered()
    await office.api("POST", "/persons/me/verifications", capture(PEOPLE[0]["face"]), person=person)
    assert (await by_officer(office, "POST", "/window-checks", SEEN)).status_code == 200
    assert await proofs(office, person) == [
        ("real_name", "population-base", "RIC", 2),
        ("face", "face-check", "face", 3),
        ("window", f"agency:{POLICE}", "RIC", 4),
    ]
    assert [each.assurance for each in await published(office.database, PersonVerified)] == [2, 3, 4]


async def test_a_foreigner_is_a_real_person_by_their_face_too(office: Office) -> None:
    person = await registered_with(office, "Anna Sample", GERMAN)
    refused = await office.api("POST", "/persons/me/verifications", capture("Bert's face"), person=person)
    assert refused.json()["code"] == "face-not-confirmed"
    verified = await office.api("POST", "/persons/me/verifications", capture("Anna's face"), person=person)
    assert verified.json()["assurance"] == 3


async def test_an_account_of_a_phone_has_no_face_to_compare(office: Office) -> None:
    person = await with_phone(office)
    refused = await office.api("POST", "/persons/me/verifications", capture("x"), person=person)
    assert (refused.status_code, refused.json()["code"]) == (409, "person-not-verified")


async def test_a_window_certifies_whoever_holds_the_document(office: Office) -> None:
    person = await office.registered()
    checked = await by_officer(office, "POST", "/window-checks", SEEN)
    assert checked.json() == {"person_id": person, "assurance": 4, "officer": OFFICER, "is_new": False}
    assert office.door.disclosed[-1].subjects == (person,)
    assert (await account_of(office, person))["assurance"] == 4


async def test_a_lower_proof_lowers_nothing(office: Office) -> None:
    person = await office.registered()
    await by_officer(office, "POST", "/window-checks", SEEN)
    await office.api("POST", "/persons/me/verifications", capture(PEOPLE[0]["face"]), person=person)
    assert (await account_of(office, person))["assurance"] == 4


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (SEEN | {"name": "别人"}, 422, "real-name-not-confirmed"),
        ({"name": PEOPLE[1]["name"], "document": document("RIC", PEOPLE[1]["resident_id"])}, 404, "person-not-found"),
        ({"name": PEOPLE[0]["name"], "document": document("RIC", "31999919900515001")}, 422, "invalid-request"),
    ],
)
async def test_what_a_window_cannot_confirm_certifies_nobody(office: Office, said: dict[str, Any], status: int, code: str) -> None:
    person = await office.registered()
    refused = await by_officer(office, "POST", "/window-checks", said)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await account_of(office, person))["assurance"] == 2


async def test_without_an_officer_there_is_no_window(office: Office) -> None:
    await office.registered()
    refused = await by_officer(office, "POST", "/window-checks", SEEN, officer=None)
    assert refused.status_code == 403


async def test_a_window_opens_an_account_by_phone_and_code(office: Office) -> None:
    opening = {"phone": "13800000007", "sms_code": await code(office, "13800000007")}
    wrong = opening | {"sms_code": f"{(int(opening['sms_code']) + 1) % 10**6:06d}"}
    assert (await by_officer(office, "POST", "/window-checks", SEEN | {"opening": wrong})).json()["code"] == "sms-code-wrong"
    opened = await by_officer(office, "POST", "/window-checks", SEEN | {"opening": opening})
    assert (opened.status_code, opened.json()["is_new"], opened.json()["assurance"]) == (200, True, 4), opened.text
    person = PersonId(opened.json()["person_id"])
    assert await proofs(office, person) == [("window", f"agency:{POLICE}", "RIC", 4)]
    # It has no password before its person sets one.
    assert (await office.login(username="13800000007", password="")).status_code == 401
    office.clock.advance(timedelta(minutes=1))
    again = {"phone": "13800000007", "sms_code": await code(office, "13800000007")}
    known = await by_officer(office, "POST", "/window-checks", SEEN | {"opening": again})
    assert (known.json()["person_id"], known.json()["is_new"]) == (person, False)


async def test_a_window_corrects_no_name_by_the_way(office: Office) -> None:
    person = await office.registered()
    known = population.PEOPLE[PEOPLE[0]["resident_id"]]
    before, known["name"] = known["name"], "示例·甲新"
    try:
        refused = await by_officer(office, "POST", "/window-checks", SEEN | {"name": "示例·甲新"})
    finally:
        known["name"] = before
    assert (refused.status_code, refused.json()["code"]) == (422, "name-not-the-same")
    assert (await account_of(office, person))["assurance"] == 2
