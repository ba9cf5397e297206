"""Leaving: a person exports what is held of them, and closes the account. Source: PIPL Arts. 45 and 47."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from contracts.events.identity import MandateRevoked, PersonClosed, PersonVerified, SessionRevoked
from contracts.values import PersonId
from services.identity.domain.clients import DEVICE_CODE
from services.identity.repository.forgotten import forget_challenges, forget_closed, forget_merge_requests
from services.identity.tables import city_codes, logout_deliveries, passkeys
from tests.component.identity.accounts import document, profile_of, registered_with
from tests.component.identity.city_codes import Desk
from tests.component.identity.mandates import MATTER, ask, exchange, given, signed_on_as, two, wanted
from tests.component.identity.office import PEOPLE, Office
from tests.component.identity.settings import settle
from tests.component.identity.steps import options, press, with_passkey
from tests.component.identity.test_device_grant import asked, decided, refused
from tests.support.service import published

NOBODY = {"name": "示例·无人", "phone": "13899999999"}


async def close(office: Office, person: PersonId) -> dict[str, object]:
    answer = await office.api("POST", "/persons/me/closing", {"confirms": True}, person=person)
    assert answer.status_code == 200, answer.text
    said: dict[str, object] = answer.json()
    return said


async def test_a_closed_account_signs_nobody_on_and_says_what_is_kept(office: Office) -> None:
    person = await office.registered()
    tokens = await office.signed_on()
    said = await close(office, person)
    assert said["kept"]
    assert said["kept_until"] == (office.clock.now() + timedelta(days=1096)).isoformat().replace("+00:00", "Z")
    for username in ("13800000001", PEOPLE[0]["resident_id"]):
        assert (await office.login(username=username)).status_code == 401
    refreshed = await office.ask("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert len(await published(office.database, SessionRevoked)) == 1
    [event] = await published(office.database, PersonClosed)
    assert event.person_id == person


async def test_it_is_closed_knowingly_and_once(office: Office) -> None:
    person = await office.registered()
    for body in ({}, {"confirms": False}, {"confirms": "yes"}):
        assert (await office.api("POST", "/persons/me/closing", body, person=person)).status_code == 422
    await close(office, person)
    again = await office.api("POST", "/persons/me/closing", {"confirms": True}, person=person)
    assert (again.status_code, again.json()["code"]) == (404, "person-not-found")
    assert len(await published(office.database, PersonClosed)) == 1
    assert (await profile_of(office, person)).status_code == 404


async def test_whoever_comes_back_is_new(office: Office) -> None:
    person = await office.registered()
    await close(office, person)
    office.clock.advance(timedelta(minutes=1))
    other = await office.registered()
    assert other != person
    assert [each.person_id for each in await published(office.database, PersonVerified)] == [person, other]
    assert (await office.api("GET", "/persons/me/history", person=other)).json()["items"] == []


async def test_of_a_closed_account_the_documents_stay_sealed_for_their_time(office: Office) -> None:
    person = await office.registered()
    await office.api("PATCH", "/persons/me", {"nickname": "小甲"}, person=person)
    await close(office, person)
    async with office.database.transaction() as session:
        row = (await session.execute(sa.text("SELECT * FROM persons"))).one()
        assert (row.status, row.phone, row.phone_key, row.password, row.declared) == ("closed", None, None, None, None)
        assert await forget_closed(session, office.clock.now()) == 0, "its time has not come"
        [number] = (await session.execute(sa.text("SELECT number FROM documents WHERE ended_at IS NOT NULL"))).scalars()
        assert office.door.app.state.sealer.open(number) == PEOPLE[0]["resident_id"]
    async with office.database.transaction() as session:
        later = office.clock.now() + timedelta(seconds=1)
        assert (await forget_closed(session, later), await forget_closed(session, later)) == (1, 0)
        assert (await session.execute(sa.text("SELECT count(*) FROM documents"))).scalar() == 0
        assert (await session.execute(sa.text("SELECT name FROM persons"))).one() == (None,)


async def test_an_open_account_is_not_forgotten(office: Office) -> None:
    await office.registered()
    async with office.database.transaction() as session:
        later = office.clock.now() + timedelta(days=9999)
        assert [await forget(session, later) for forget in (forget_closed, forget_challenges, forget_merge_requests)] == [0, 0, 0]


async def test_a_person_exports_all_that_is_held_each_with_source_and_time(office: Office) -> None:
    person = await registered_with(office, "示例·港一", document("HM_PERMIT", "H9990000101"))
    await office.api("POST", "/persons/me/documents", {"document": document("HM_PERMIT", "H9990000102")}, person=person)
    await office.api("PATCH", "/persons/me", {"nickname": "阿一"}, person=person)
    await office.login(username="13800000009")
    sections = (await office.api("GET", "/persons/me/export", person=person, assurance=3)).json()["sections"]
    at = office.clock.now().isoformat().replace("+00:00", "Z")

    def said(section: str) -> list[tuple[str, str, str, str]]:
        fields = [field for record in sections[section]["records"] for field in record["fields"]]
        return [(field["name"], field["value"], field["source"], field["at"]) for field in fields]

    assert said("account")[:2] == [("name", "示例·港一", "exit-entry", at), ("phone", "13800000009", "sms-code", at)]
    assert said("documents") == [("number", "H9990000102", "exit-entry", at)]
    assert ("value", "H9990000101", "exit-entry", at) in said("superseded")
    assert said("declared") == [("nickname", "阿一", "self", at)]
    assert [each for each in said("verifications") if each[0] == "method"] == [("method", "real_name", "exit-entry", at)] * 2
    assert len(sections["devices"]["records"]) == 1
    assert sections["organisations"]["records"] == []
    disclosure = office.door.disclosed[-1]
    assert (disclosure.subjects, disclosure.grade) == ((person,), 4)


async def test_no_passkey_and_no_city_code_of_a_closed_account_is_anybody_s(office: Office) -> None:
    desk = Desk(office)
    person = await desk.holder()
    await desk.admit("culture")
    await office.login()
    device = await with_passkey(office)
    screen = await desk.code(person=person)
    paper = (await desk.of_subject("POST", "/city-codes/paper", {}, key="paper", person=person)).json()["code"]
    await close(office, person)
    page = await press(office, await office.page(), "passkey")
    assert (await press(office, page, "passkey-used", credential=device.uses(options(page)))).status_code == 401
    assert await desk.refusal(screen) == await desk.refusal(paper) == (409, "city-code-revoked")
    assert [await desk.count(each) for each in (passkeys, city_codes)] == [0, 0]
    for path, said in (("/city-codes", {"scene": "culture"}), ("/city-codes/handle", {}), ("/city-codes/paper", {})):
        refused = await desk.of_subject("POST", path, said, key="after", person=person)
        assert (refused.status_code, refused.json()["code"]) == (404, "person-not-found")
    assert await desk.count(city_codes) == 0


@pytest.mark.parametrize("side", [0, 1])
async def test_mandates_on_both_sides_end_with_the_account(office: Office, side: int) -> None:
    both = await two(office)
    mandate = await given(office, *both)
    waiting = await ask(office, both[0], "POST", "/mandates", wanted(office, matters=[MATTER], agent=NOBODY))
    acting = await exchange(office, mandate, await signed_on_as(office, 1))
    assert acting.status_code == 200, acting.text
    await close(office, both[side])
    [event] = await published(office.database, MandateRevoked)
    assert event.mandate_id == mandate
    seen = (await ask(office, both[1 - side], "GET", "/mandates")).json()["given" if side else "held"]
    states = {each["mandate_id"]: (each["state"], each["reason"]) for each in seen}
    assert states[mandate] == ("revoked", "账号已注销 the account was closed")
    assert side == 0 or states[waiting.json()["mandate_id"]] == ("waiting", None)
    asked = await office.ask("/introspect", token=acting.json()["access_token"])
    assert asked.json() == {"active": False}


async def test_a_device_that_waits_is_let_in_by_no_closed_account(office: Office) -> None:
    await settle(office, grant_types=[DEVICE_CODE])
    person = await office.registered()
    kiosk = await asked(office)
    assert 'id="done"' in (await decided(office, kiosk)).text
    await close(office, person)
    assert await refused(office, kiosk) == "access_denied"


async def test_clients_are_told_that_the_sign_ons_of_a_closed_account_ended(office: Office) -> None:
    await settle(office, backchannel_logout_uri="https://app.example/told")
    person = await office.registered()
    await office.signed_on()
    await close(office, person)
    assert await Desk(office).count(logout_deliveries) == 1
