"""What identity asks on behalf of a person: which certificates they hold."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.http.mesh_token import CallerFacts
from contracts.values import OrganisationId
from tests.component.certificate.conftest import CARD, IDENTITY_CARD, Office, Someone


def identity(person: Someone) -> CallerFacts:
    return CallerFacts("identity", person=person.id, purpose="查阅档案 own file")  # type: ignore[arg-type]


async def ask(office: Office, person: Someone, query: str = "") -> dict[str, Any]:
    answer = await office.door.call("GET", f"/subjects/{person.id}/file{query}", facts=identity(person))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def card(office: Office, person: Someone, **more: Any) -> str:
    return await office.holds(person, type=IDENTITY_CARD, content=CARD, number=person.resident_id, **more)


async def test_a_person_s_certificates_with_their_content(office: Office, anna: Someone, berta: Someone) -> None:
    mine = await card(office, anna)
    await office.holds(berta)
    [found] = (await ask(office, anna, "?reveal=true"))["items"]
    fields = {each["name"]: each for each in found["fields"]}
    assert found["id"] == mine
    assert (fields["state"]["value"], fields["number"]["value"]) == ("valid", anna.resident_id)
    assert fields["content.name"]["value"] == fields["holder_name"]["value"] == anna.name
    assert {each["source"] for each in fields.values()} == {"11310101TE5T010192"}
    assert not any(each["is_masked"] for each in fields.values())


async def test_without_revealing_nothing_that_identifies_the_holder_leaves(office: Office, anna: Someone) -> None:
    await card(office, anna)
    found = await ask(office, anna)
    fields = {each["name"]: each for each in found["items"][0]["fields"]}
    assert not any(secret in str(found) for secret in (anna.name, anna.resident_id, "示例路", "1955-03-02"))
    assert {name for name, each in fields.items() if not each["is_masked"]} == {"identifier", "state", "issued_on", "valid_until"}


async def test_many_certificates_come_in_pages(office: Office, anna: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.certificate.queries._PAGE", 2)
    held = [await office.holds(anna, number=f"SH-{each}") for each in range(3)]
    first = await ask(office, anna)
    second = await ask(office, anna, f"?before={first['next']}")
    assert [each["id"] for each in (*first["items"], *second["items"])] == held[::-1]
    assert second["next"] is None


async def test_what_was_shown_is_disclosed_and_nothing_is_not(office: Office, anna: Someone) -> None:
    await ask(office, anna)
    assert office.door.disclosed == []
    await office.holds(anna)
    await ask(office, anna)
    [look] = office.door.disclosed
    assert (look.subjects, look.purpose, look.items) == ((anna.id,), "查阅档案 own file", ("证照 certificates",))


async def test_only_identity_asks_and_only_for_whoever_it_acts_for(office: Office, anna: Someone, berta: Someone) -> None:
    await office.holds(anna)
    for facts in (
        identity(berta),
        replace(identity(anna), person=None, organisation=OrganisationId.new()),
        replace(identity(anna), person=None),
        replace(identity(anna), issuer="application"),
        office.acting(anna),
        office.party(),
    ):
        assert (await office.door.call("GET", f"/subjects/{anna.id}/file", facts=facts)).status_code == 403
