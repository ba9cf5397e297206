"""The short way to a profile discloses the same to the same services; `accounts.profile_of` compares the answers themselves."""

import asyncio
from urllib.parse import quote

import pytest

from chassis.http.disclosure import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.headers import ASKED_FOR
from contracts.values import PersonId
from tests.component.identity.accounts import profile_of, with_phone
from tests.component.identity.office import PEOPLE, Office


async def test_what_it_is_asked_for_is_in_the_ledger_under_the_persons_name(office: Office) -> None:
    person = await office.registered()
    answer = await office.door.call(
        "GET", f"/persons/{person}/profile", facts=CallerFacts("certificate"), headers={ASKED_FOR: quote("核验 verify")}
    )
    assert answer.json()["name"]["value"] == PEOPLE[0]["name"]
    assert office.door.disclosed[-1] == Disclosure((person,), 4, "核验 verify", ("name", "resident_id", "phone", "sex", "birth_on"))
    await profile_of(office, person)
    assert office.door.disclosed[-1].purpose == "case"


@pytest.mark.parametrize(("issuer", "status"), [("rating", 403), ("identity", 403)])
async def test_it_is_for_the_services_that_the_route_is_for(office: Office, issuer: str, status: int) -> None:
    person = await office.registered()
    answer = await office.door.call("GET", f"/persons/{person}/profile", facts=CallerFacts(issuer))
    assert answer.status_code == status
    assert office.door.disclosed == []


async def test_who_is_unknown_or_not_verified_is_refused_as_before(office: Office) -> None:
    assert (await profile_of(office, PersonId.new())).status_code == 404
    assert (await profile_of(office, await with_phone(office))).status_code == 409


async def test_many_asked_for_at_once_are_each_their_own(office: Office) -> None:
    person, other = await office.registered(), await with_phone(office, phone="13800000007")
    ids = [person, PersonId.new(), other, "00000000-0000-0000-0000-00000000000x", person] * 4
    answers = await asyncio.gather(*(office.door.call("GET", f"/persons/{each}/profile", facts=CallerFacts("application")) for each in ids))
    assert [each.status_code for each in answers] == [200, 404, 409, 422, 200] * 4
    assert {each.json()["person_id"] for each in answers if each.status_code == 200} == {person}
