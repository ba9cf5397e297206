"""Becoming known to the city, and surer of."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.events.identity import PersonVerified
from contracts.values import PersonId
from tests.component.identity.office import PEOPLE, Office
from tests.support.service import published

PHONE = {"phone": "13800000001"}


async def test_a_person_is_registered_by_four_items_checked_at_their_sources(office: Office) -> None:
    person = await office.registered()
    account = (await office.api("GET", "/persons/me", person=person)).json()
    assert account["assurance"] == 2
    assert account["name"] == PEOPLE[0]["name"]
    assert PEOPLE[0]["resident_id"] not in str(account)
    assert office.door.disclosed[-1].subjects == (person,)
    [event] = await published(office.database, PersonVerified)
    assert (event.person_id, event.assurance) == (person, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "别人"}, "real-name-not-confirmed"),
        ({"resident_id": PEOPLE[1]["resident_id"]}, "real-name-not-confirmed"),
        ({"second_proof": {"kind": "social_security", "number": "SS0"}}, "second-proof-not-confirmed"),
        ({"second_proof": {"kind": "driving_licence", "number": PEOPLE[0]["social_security"]}}, "second-proof-not-confirmed"),
        ({"accepts_agreement": False}, "invalid-request"),
        ({"password": "short"}, "invalid-request"),
    ],
)
async def test_what_a_source_does_not_confirm_is_refused(office: Office, change: dict[str, Any], code: str) -> None:
    await office.api("POST", "/sms-codes", PHONE)
    refused = await office.api("POST", "/registrations", {**office.form(), **change})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await published(office.database) == []
    assert (await office.api("POST", "/registrations", office.form())).status_code == 201


async def test_a_wrong_code_is_refused_and_the_right_one_after_five_attempts_too(office: Office) -> None:
    await office.api("POST", "/sms-codes", PHONE)
    right = office.code_sent_to(PHONE["phone"])
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        refused = await office.api("POST", "/registrations", office.form(code=wrong))
        assert (refused.status_code, refused.json()["code"]) == (422, "sms-code-wrong")
    assert (await office.api("POST", "/registrations", office.form(code=right))).json()["code"] == "sms-code-wrong"


async def test_the_fifth_attempt_may_be_right(office: Office) -> None:
    await office.api("POST", "/sms-codes", PHONE)
    wrong = f"{(int(office.code_sent_to(PHONE['phone'])) + 1) % 10**6:06d}"
    for _ in range(4):
        await office.api("POST", "/registrations", office.form(code=wrong))
    assert (await office.api("POST", "/registrations", office.form())).status_code == 201


async def test_a_code_expires_after_five_minutes(office: Office) -> None:
    await office.api("POST", "/sms-codes", PHONE)
    office.clock.advance(timedelta(minutes=5))
    assert (await office.api("POST", "/registrations", office.form())).json()["code"] == "sms-code-wrong"


async def test_a_code_is_for_its_phone_only_and_used_once(office: Office) -> None:
    await office.api("POST", "/sms-codes", PHONE)
    code = office.code_sent_to(PHONE["phone"])
    await office.api("POST", "/sms-codes", {"phone": "13800000002"})
    other = await office.api("POST", "/registrations", office.form(phone="13800000002", code=code))
    assert other.json()["code"] == "sms-code-wrong"
    assert (await office.api("POST", "/registrations", office.form())).status_code == 201
    assert (await office.api("POST", "/registrations", office.form(1))).json()["code"] == "sms-code-wrong"


async def test_a_phone_gets_one_code_a_minute(office: Office) -> None:
    assert (await office.api("POST", "/sms-codes", PHONE)).status_code == 202
    office.clock.advance(timedelta(seconds=59))
    soon = await office.api("POST", "/sms-codes", PHONE)
    assert (soon.status_code, soon.json()["code"]) == (409, "sms-code-too-soon")
    office.clock.advance(timedelta(seconds=1))
    assert (await office.api("POST", "/sms-codes", PHONE)).status_code == 202


async def test_of_many_requests_at_once_one_sends_a_code(office: Office) -> None:
    answers = await asyncio.gather(*(office.api("POST", "/sms-codes", PHONE) for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [202, 409, 409, 409, 409]


async def test_nobody_is_registered_twice(office: Office) -> None:
    await office.registered()
    office.clock.advance(timedelta(minutes=1))
    await office.api("POST", "/sms-codes", PHONE)
    again = await office.api("POST", "/registrations", office.form())
    assert (again.status_code, again.json()["code"]) == (409, "already-registered")


@pytest.mark.parametrize("manners", [{"is_down": True}, {"delay_s": 60}])
async def test_a_provider_that_is_away_or_slow_is_said_to_be_away(office: Office, manners: dict[str, Any]) -> None:
    await office.api("POST", "/sms-codes", PHONE)
    office.manners("population", **manners)
    away = await office.api("POST", "/registrations", office.form())
    assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "verification-provider-away", "1")
    office.manners("population")
    assert (await office.api("POST", "/registrations", office.form())).status_code == 201


async def test_a_code_that_could_not_be_sent_does_not_make_the_phone_wait(office: Office) -> None:
    office.manners("sms", is_down=True)
    away = await office.api("POST", "/sms-codes", PHONE)
    assert (away.status_code, away.json()["code"]) == (503, "verification-provider-away")
    office.manners("sms")
    assert (await office.api("POST", "/sms-codes", PHONE)).status_code == 202


def capture(person: int = 0) -> dict[str, str]:
    return {"method": "face", "capture": base64.b64encode(PEOPLE[person]["face"].encode()).decode()}


async def test_a_live_face_makes_a_real_person(office: Office) -> None:
    person = await office.registered()
    verified = await office.api("POST", "/persons/me/verifications", capture(), person=person)
    assert (verified.status_code, verified.json()["assurance"]) == (200, 3)
    assert verified.json()["reference"].startswith("sandbox-")
    assert [event.assurance for event in await published(office.database, PersonVerified)] == [2, 3]


async def test_another_face_does_not(office: Office) -> None:
    person = await office.registered()
    refused = await office.api("POST", "/persons/me/verifications", capture(1), person=person)
    assert (refused.status_code, refused.json()["code"]) == (422, "face-not-confirmed")
    assert (await office.api("GET", "/persons/me", person=person)).json()["assurance"] == 2


async def test_who_is_not_known_is_not_found(office: Office) -> None:
    stranger = await office.api("GET", "/persons/me", person=PersonId.new())
    assert (stranger.status_code, stranger.json()["code"]) == (404, "person-not-found")


async def test_nothing_personal_lies_open_in_the_database(office: Office) -> None:
    await office.registered()
    async with office.database.reading() as session:
        rows = str(
            (await session.execute(sa.text("SELECT p::text, v::text FROM persons p JOIN verifications v ON v.person_id = p.id"))).all()
        )
    for secret in (PEOPLE[0]["name"], PEOPLE[0]["resident_id"], PHONE["phone"], "a-good-password"):
        assert secret not in rows
        assert secret.encode().hex() not in rows
