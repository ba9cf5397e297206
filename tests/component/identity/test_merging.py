"""Two accounts of one person become one: nothing is lost, and twice is once."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from contracts.events.access import DataAccessed
from contracts.events.identity import MandateRevoked, PersonMerged, PersonVerified, SessionRevoked
from contracts.values import MandateId, PersonId
from deploy.local.sandbox import registry
from services.identity.commands.documents import MERGE_REQUEST_LIFE
from services.identity.domain.mandates import Kind, Mandate
from services.identity.repository import Mandates
from services.identity.repository.forgotten import forget_closed
from services.identity.tables import city_codes, passkeys, persons
from tests.component.identity.accounts import account_of, by_officer, document, profile_of, registered_with, second_proof, with_phone
from tests.component.identity.city_codes import Desk
from tests.component.identity.mandates import PHONES, ask, exchange, given, signed_on_as
from tests.component.identity.mandates import two as two_adults
from tests.component.identity.office import PASSWORD, PEOPLE, Office, back, claims_of
from tests.component.identity.steps import options, press, with_passkey
from tests.support.service import published

PASSPORT = document("PASSPORT_CN", "E99900001")
RIC = document("RIC", PEOPLE[0]["resident_id"])
SEEN = {"name": PEOPLE[0]["name"], "document": RIC, "other": PASSPORT}


async def two(office: Office) -> tuple[PersonId, PersonId]:
    """One person's account by resident number, and another of theirs by passport with another phone."""
    return await office.registered(), await registered_with(office, PEOPLE[0]["name"], PASSPORT)


async def request(office: Office, person: PersonId) -> str:
    asked = await office.api("POST", "/persons/me/documents", {"document": PASSPORT}, person=person)
    return str(asked.json()["merge_id"])


async def prove(office: Office, person: PersonId, merge_id: str, password: str = PASSWORD) -> httpx.Response:
    return await office.api("POST", f"/persons/me/merges/{merge_id}/proof", {"password": password}, person=person)


async def test_who_proves_both_accounts_has_one(office: Office) -> None:
    kept, lost = await two(office)
    merged = await prove(office, kept, await request(office, kept))
    assert (merged.status_code, merged.json()["person_id"]) == (200, kept), merged.text
    assert [each["type"] for each in (await account_of(office, kept))["documents"]] == ["RIC", "PASSPORT_CN"]
    for username in ("E99900001", PEOPLE[0]["resident_id"], "13800000001"):
        assert "code" in back(await office.login(username=username))
    assert (await office.api("GET", "/persons/me", person=lost)).json()["code"] == "person-not-found"
    [event] = await published(office.database, PersonMerged)
    assert (event.person_id, event.into) == (lost, kept)
    assert [each.person_id for each in await published(office.database, PersonVerified)][-1] == kept


async def test_without_the_proof_there_is_none_and_guessing_locks(office: Office) -> None:
    kept, lost = await two(office)
    merge_id = await request(office, kept)
    for _ in range(5):
        refused = await prove(office, kept, merge_id, "a-wrong-password")
        assert (refused.status_code, refused.json()["code"]) == (422, "merge-not-proven")
        assert lost not in refused.text
    assert (await prove(office, kept, merge_id)).json()["code"] == "merge-not-proven", "the other account is locked"
    assert await published(office.database, PersonMerged) == []


async def test_a_request_is_its_person_s_and_expires(office: Office) -> None:
    kept, _ = await two(office)
    merge_id = await request(office, kept)
    stranger = await office.registered(1, phone="13800000002")
    assert (await prove(office, stranger, merge_id)).json()["code"] == "merge-not-found"
    office.clock.advance(MERGE_REQUEST_LIFE)
    assert (await prove(office, kept, merge_id)).json()["code"] == "merge-not-found"


async def test_twice_is_once(office: Office) -> None:
    kept, _ = await two(office)
    merge_id = await request(office, kept)
    first, second = await prove(office, kept, merge_id), await prove(office, kept, merge_id)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(await published(office.database, PersonMerged)) == 1


async def test_two_at_once_are_one(office: Office) -> None:
    kept, _ = await two(office)
    merge_id = await request(office, kept)
    answers = await asyncio.gather(*(prove(office, kept, merge_id) for _ in range(2)))
    assert {each.status_code for each in answers} == {200}
    assert len(await published(office.database, PersonMerged)) == 1


async def test_an_officer_who_saw_both_documents_makes_them_one(office: Office) -> None:
    kept, lost = await two(office)
    merged = await by_officer(office, "POST", "/persons/merges", SEEN)
    assert (merged.status_code, merged.json()["person_id"]) == (200, kept), merged.text
    again = await by_officer(office, "POST", "/persons/merges", SEEN)
    assert (again.status_code, again.json()["person_id"]) == (200, kept)
    [event] = await published(office.database, PersonMerged)
    assert (event.person_id, event.into) == (lost, kept)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "别人"}, "real-name-not-confirmed"),
        ({"other": document("HM_PERMIT", "H9990000101")}, "real-name-not-confirmed"),
        ({"other": document("OFFICER", "示字第0001号")}, "person-not-found"),
    ],
)
async def test_an_officer_merges_only_what_is_one_person_s(office: Office, more: dict[str, Any], code: str) -> None:
    await two(office)
    assert (await by_officer(office, "POST", "/persons/merges", SEEN | more)).json()["code"] == code
    assert (await by_officer(office, "POST", "/persons/merges", SEEN, officer=None)).status_code == 403
    assert await published(office.database, PersonMerged) == []


async def test_an_account_of_a_phone_and_one_of_a_document_become_one(office: Office) -> None:
    lost = await office.registered()
    kept = await with_phone(office)
    said = {"document": RIC, "name": PEOPLE[0]["name"], "second_proof": second_proof()}
    asked = await office.api("POST", "/persons/me/documents", said, person=kept, assurance=1)
    merged = await prove(office, kept, asked.json()["merge_id"])
    assert (merged.status_code, merged.json()["assurance"]) == (200, 2)
    account = await account_of(office, kept)
    assert (account["name"], account["phone_masked"]) == (PEOPLE[0]["name"], "138****0005")
    [phone] = (await office.api("GET", "/persons/me/history", person=kept)).json()["items"]
    assert (phone["item"], phone["value"]) == ("phone", "13800000001")
    assert (await profile_of(office, lost)).json()["person_id"] == kept, "the old id leads to the new account"


async def test_nothing_of_the_other_account_is_lost(office: Office) -> None:
    kept, lost = await two(office)
    await office.login(username="E99900001")
    await office.api("PATCH", "/persons/me", {"nickname": "旧名", "locale": "zh-CN"}, person=lost)
    await office.api("PATCH", "/persons/me", {"nickname": "新名"}, person=kept)
    await by_officer(office, "POST", "/window-checks", {"name": PEOPLE[0]["name"], "document": PASSPORT})
    seen = {"owner": "certificate", "grade": 3, "purpose": "case", "items": ("name",), "at": office.clock.now()}
    await office.feed.deliver(DataAccessed(subjects=(lost,), **seen), at=office.clock.now())
    merged = await prove(office, kept, await request(office, kept))
    await office.feed.deliver(DataAccessed(subjects=(lost,), **seen), at=office.clock.now())
    assert merged.json()["assurance"] == 4
    assert (await account_of(office, kept))["declared"] == {"nickname": "新名", "locale": "zh-CN"}
    sections = (await office.api("GET", "/persons/me/export", person=kept, assurance=3)).json()["sections"]
    [account] = sections["account"]["records"]
    assert [field["value"] for field in account["fields"] if field["name"] == "also_known_as"] == [lost]
    before = {(each["id"], each["fields"][0]["value"]) for each in sections["superseded"]["records"]}
    assert before == {("phone", "13800000009"), ("nickname", "旧名")}
    proofs = [each["fields"][0]["value"] for each in sections["verifications"]["records"]]
    assert proofs == ["window", "real_name", "real_name"]
    assert len((await office.api("GET", "/persons/me/accesses", person=kept)).json()["items"]) == 2, "also what was seen later"
    assert [each.person_id for each in await published(office.database, SessionRevoked)] == [lost]


async def test_of_a_merged_account_only_the_name_stays_and_goes_with_the_other(office: Office) -> None:
    kept, lost = await two(office)
    await office.api("PATCH", "/persons/me", {"nickname": "旧名"}, person=lost)
    await prove(office, kept, await request(office, kept))
    async with office.database.reading() as session:
        row = (await session.execute(sa.text("SELECT * FROM persons WHERE status = 'merged'"))).one()
    assert (row.id, row.phone, row.password, row.declared, row.merged_into) == (lost, None, None, None, kept)
    await office.api("POST", "/persons/me/closing", {"confirms": True}, person=kept)
    async with office.database.transaction() as session:
        assert await forget_closed(session, office.clock.now() + timedelta(seconds=1)) == 1
        assert (await session.execute(sa.text("SELECT count(*) FROM persons WHERE name IS NOT NULL"))).scalar() == 0


async def test_companies_are_represented_by_the_one_account(office: Office) -> None:
    kept, lost = await two(office)
    code = "91310101MA1TE5T0XR"
    registry.COMPANIES[code]["representative"] = {"type": "PASSPORT_CN", "number": "E99900001"}
    registry.PEOPLE["E99900001"] = {"name": PEOPLE[0]["name"]}
    try:
        said = {"credit_code": code, "name": registry.COMPANIES[code]["name"]}
        assert (await office.api("POST", "/organisations/registrations", said, person=lost)).status_code == 201
    finally:
        del registry.PEOPLE["E99900001"]
    await prove(office, kept, await request(office, kept))
    assert len((await office.api("GET", "/organisations/me", person=kept)).json()["items"]) == 1


async def test_two_resident_numbers_are_two_persons(office: Office) -> None:
    anna, berta = await office.registered(), await office.registered(1, phone="13800000002")
    async with office.database.transaction() as session:
        request = "INSERT INTO merge_requests (id, person_id, other_id, requested_at, expires_at) "
        values = "VALUES (gen_random_uuid(), :kept, :lost, :at, :until) RETURNING id"
        said = {"kept": anna, "lost": berta, "at": office.clock.now(), "until": office.clock.now() + MERGE_REQUEST_LIFE}
        merge_id = (await session.execute(sa.text(request + values), said)).scalar_one()
    refused = await prove(office, anna, str(merge_id))
    assert (refused.status_code, refused.json()["code"]) == (409, "not-one-person")
    assert await published(office.database, PersonMerged) == []


async def test_a_passkey_and_city_codes_of_the_other_account_end_and_the_own_ones_stay(office: Office) -> None:
    desk = Desk(office)
    kept, lost = await two(office)
    await desk.write(sa.update(persons).values(assurance=3))
    await desk.admit("culture")
    devices, codes, papers = [], [], []
    for person, username in ((kept, "13800000001"), (lost, "E99900001")):
        await office.login(username=username)
        devices.append(await with_passkey(office))
        codes.append(await desk.code(person=person))
        papers.append((await desk.of_subject("POST", "/city-codes/paper", {}, key=person, person=person)).json()["code"])
    await prove(office, kept, await request(office, kept))
    answers = []
    for device in devices:
        page = await press(office, await office.page(), "passkey")
        answers.append(await press(office, page, "passkey-used", credential=device.uses(options(page))))
    assert "code" in back(answers[0])
    assert answers[1].status_code == 401
    for mine, theirs in (codes, papers):
        assert (await desk.verify(mine)).status_code == 200
        assert await desk.refusal(theirs) == (409, "city-code-revoked")
    assert [await desk.count(each) for each in (passkeys, city_codes)] == [1, 1]


async def test_mandates_go_on_for_the_account_that_stays(office: Office) -> None:
    lost, helper = await two_adults(office)
    kept = await with_phone(office)
    given_by = await given(office, lost, helper)
    held_by = await given(office, helper, lost, agent={"name": PEOPLE[0]["name"], "phone": PHONES[0]})
    token = await signed_on_as(office, 1)
    before = (await exchange(office, given_by, token)).json()["access_token"]
    said = {"document": RIC, "name": PEOPLE[0]["name"], "second_proof": second_proof()}
    asked = await office.api("POST", "/persons/me/documents", said, person=kept, assurance=1)
    assert (await prove(office, kept, asked.json()["merge_id"])).status_code == 200
    mine = (await ask(office, kept, "GET", "/mandates")).json()
    assert [(each["mandate_id"], each["state"]) for each in (*mine["given"], *mine["held"])] == [(given_by, "active"), (held_by, "active")]
    assert await published(office.database, MandateRevoked) == []
    assert (await office.ask("/introspect", token=before)).json() == {"active": False}, "it names the account that has ended"
    after = claims_of((await exchange(office, given_by, token)).json()["access_token"])
    assert (after["sub"], after["mandate"]["id"]) == (kept, given_by)
    assert (await ask(office, kept, "DELETE", f"/mandates/{given_by}")).status_code == 204


@pytest.mark.parametrize("grantor", [0, 1])
async def test_nobody_is_their_own_agent_after_a_merge(office: Office, grantor: int) -> None:
    both = await two(office)
    at = office.clock.now()
    said = {"id": MandateId.new(), "kind": Kind.HELPER, "matters": (), "begins_at": at, "ends_at": at + timedelta(days=1), "granted_at": at}
    sides = {"principal": both[grantor], "agent": both[1 - grantor], "agent_name": PEOPLE[0]["name"], "granted_by": both[grantor]}
    async with office.database.transaction() as session:
        await Mandates(session, office.door.app.state.sealer).add(Mandate(**said, **sides, accepted_at=at))
    await prove(office, both[0], await request(office, both[0]))
    [event] = await published(office.database, MandateRevoked)
    assert event.mandate_id == said["id"]
    assert {each["state"] for each in (await ask(office, both[0], "GET", "/mandates")).json()["held"]} == {"revoked"}
