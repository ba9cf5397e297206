"""一人一档, 一企一档: everything the mesh knows of a subject in one answer, whoever of its keepers is there."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.http import document
from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.api import application
from contracts.api.file import FileField, FileRecord, FileSection
from contracts.events.access import DataAccessed
from contracts.strict import Page
from contracts.values import MandateId, OrganisationId, PersonId
from services.identity.routes import router
from services.identity.tables import organisations
from tests.component.identity.mandates import given, organisation, two
from tests.component.identity.office import PEOPLE, Office
from tests.support.cases import AGENCY
from tests.support.clock import TODAY
from tests.support.service import EVERYTHING, Neighbours, published

KEEPERS = {"application": "cases", "certificate": "certificates", "rating": "ratings"}
NOBODY: Page[application.Consent] = Page(items=[])


def record(name: str) -> FileRecord:
    return FileRecord(id=name, title=name, fields=[FileField(name="n", title="n", value=name, source="somebody", at=TODAY)])


def path(subject: str) -> str:
    return f"/subjects/{subject}/file"


def keep(beside: Neighbours, subject: str, **instead: Any) -> None:
    """Every keeper has one record of the subject, unless something else is said of it."""
    for service in KEEPERS:
        seen = Disclosure((PersonId(subject),), 4, "own file", (service,))
        answer = instead.get(service, FileSection(items=[record(service)]))
        beside.answers(service, "GET", path(subject), answer, discloses=seen if service not in instead else None)
    beside.answers("application", "GET", f"/subjects/{subject}/consents", instead.get("consents", NOBODY))


async def file_of(city: Office, person: PersonId, where: str = "file") -> dict[str, Any]:
    answer = await city.api("GET", f"/persons/me/{where}", person=person, assurance=3)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def values_of(section: dict[str, Any]) -> dict[str, str]:
    return {field["name"]: field["value"] for each in section["records"] for field in each["fields"]}


async def test_one_answer_has_everything_with_source_and_time(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    await city.login()
    keep(beside, person)
    found = await file_of(city, person)
    assert list(found["sections"]) == [
        "account",
        "documents",
        "declared",
        "superseded",
        "verifications",
        "devices",
        "organisations",
        "mandates",
        "consents",
        "cases",
        "certificates",
        "ratings",
    ]
    assert (found["subject_id"], found["is_complete"]) == (person, True)
    assert [found["sections"][section]["records"][0]["title"] for section in KEEPERS.values()] == list(KEEPERS)
    fields = [field for section in found["sections"].values() for each in section["records"] for field in each["fields"]]
    assert all(field["source"] and field["at"] for field in fields)
    account = {field["name"]: field for field in found["sections"]["account"]["records"][0]["fields"]}
    assert account["name"]["source"] == "population-base"
    assert len(found["sections"]["verifications"]["records"]) == 1
    assert len(found["sections"]["devices"]["records"]) == 1


async def test_what_identifies_the_person_is_masked_until_they_ask_for_it(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person)
    secrets = {PEOPLE[0]["name"], PEOPLE[0]["resident_id"], "13800000001"}
    masked, revealed = await file_of(city, person), await file_of(city, person, "file/revealed")
    assert not any(secret in str(masked) for secret in secrets)
    assert (masked["is_masked"], revealed["is_masked"]) == (True, False)
    assert values_of(masked["sections"]["account"])["phone"] == "138****0001"
    assert {values_of(revealed["sections"]["account"])[name] for name in ("name", "phone")} < secrets
    assert values_of(revealed["sections"]["documents"])["number"] in secrets
    asked = [question for service, _, question, _ in beside.asked if service == "rating"]
    assert asked == [f"{path(person)}?reveal=false", f"{path(person)}?reveal=true"]


@pytest.mark.parametrize("service", KEEPERS)
@pytest.mark.parametrize("answer", [503, 404, 403, FileField(name="n", title="n", value="v", source="s", at=TODAY)])
async def test_a_keeper_that_is_away_or_makes_no_sense_is_named_and_the_rest_is_answered(
    city: Office, beside: Neighbours, service: str, answer: Any
) -> None:
    person = await city.registered()
    keep(beside, person, **{service: answer})
    found = await file_of(city, person)
    states = {section: each["state"] for section, each in found["sections"].items()}
    assert states == {**dict.fromkeys(states, "complete"), KEEPERS[service]: "away"}
    assert not found["is_complete"]


async def test_a_slow_keeper_costs_its_deadline_and_no_more(city: Office, beside: Neighbours) -> None:
    async def late(_: Any) -> FileSection:
        await asyncio.sleep(60)
        return FileSection(items=[])

    person = await city.registered()
    keep(beside, person, certificate=late, rating=late, consents=late)
    loop = asyncio.get_running_loop()
    started = loop.time()
    found = await file_of(city, person)
    assert loop.time() - started < 10
    states = {section: each["state"] for section, each in found["sections"].items()}
    assert (states["certificates"], states["ratings"], states["consents"], states["cases"]) == ("away", "away", "partial", "complete")


async def test_a_keeper_is_asked_until_its_last_page_and_not_for_ever(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person, application=FileSection(items=[record("one more")], next="x"))
    beside.answers("certificate", "GET", path(person), FileSection(items=[record("first")], next="first"))
    beside.answers("certificate", "GET", f"{path(person)}?reveal=false&before=first", FileSection(items=[record("last")]))
    sections = (await file_of(city, person))["sections"]
    assert [each["title"] for each in sections["certificates"]["records"]] == ["first", "last"]
    assert (sections["certificates"]["state"], sections["cases"]["state"], len(sections["cases"]["records"])) == ("complete", "partial", 10)


async def test_a_keeper_that_goes_away_between_pages_leaves_what_it_said(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person)
    beside.answers("rating", "GET", path(person), FileSection(items=[record("first")], next="first"))
    beside.answers("rating", "GET", f"{path(person)}?reveal=false&before=first", 503)
    ratings = (await file_of(city, person))["sections"]["ratings"]
    assert (ratings["state"], len(ratings["records"])) == ("partial", 1)


async def test_looking_at_one_s_own_file_is_one_look(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person)
    await file_of(city, person)
    [look] = city.door.disclosed
    assert (look.subjects, look.organisations, look.purpose) == ((person,), (), "查阅档案 own file")
    assert {"办件 cases", "证照 certificates", "评价 ratings"} < set(look.items)
    assert await published(city.database, DataAccessed) == []


async def test_a_section_that_is_away_was_not_looked_at(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person, rating=503)
    await file_of(city, person)
    assert "评价 ratings" not in city.door.disclosed[-1].items


async def test_an_export_is_the_file_in_full_as_a_document(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person)
    answer = await city.api("GET", "/persons/me/export", person=person, assurance=3)
    assert answer.headers["content-disposition"] == 'attachment; filename="tongban-file-2026-11-24.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == await file_of(city, person, "file/revealed")
    assert city.door.disclosed[0].purpose == "导出档案 export of own file"


@pytest.mark.parametrize(("where", "needed"), [("file", 2), ("file/revealed", 3), ("export", 1), ("consents", 2)], ids=str)
async def test_a_file_is_for_its_person_known_well_enough(city: Office, beside: Neighbours, where: str, needed: int) -> None:
    person = await city.registered()
    keep(beside, person)
    for assurance in (1, 2, 3):
        answer = await city.api("GET", f"/persons/me/{where}", person=person, assurance=assurance)
        assert answer.status_code == (200 if assurance >= needed else 403), assurance
    by_mandate = CallerFacts("gateway", city.client, "app", permissions=EVERYTHING, person=person, actor=PersonId.new(), assurance=4)
    officer = CallerFacts("gateway", city.client, "district", permissions=EVERYTHING, officer="hp-001", assurance=4)  # type: ignore[arg-type]
    for facts in (by_mandate, officer):
        assert (await city.door.call("GET", f"/persons/me/{where}", facts=facts)).status_code == 403


def test_what_is_shown_in_full_needs_a_sign_on_of_the_last_five_minutes() -> None:
    paths = document("identity", router)["paths"]
    in_full = ("/persons/me/file/revealed", "/persons/me/export", "/organisations/me/file/revealed")
    assert [paths[path]["get"]["x-tongban"]["max_age_s"] for path in in_full] == [300] * 3
    assert [paths[path]["get"]["x-tongban"]["assurance"] for path in in_full] == [3, 1, 3]


async def test_mandates_are_in_the_files_of_both_sides_without_the_other_s_name(city: Office, beside: Neighbours) -> None:
    grantor, agent = await two(city)
    company = await organisation(city, grantor)
    own, of_company = await given(city, grantor, agent), await given(city, grantor, agent, kind="agent", organisation_id=company)
    keep(beside, grantor)
    keep(beside, agent)
    mine = (await file_of(city, grantor, "file/revealed"))["sections"]["mandates"]
    theirs = (await file_of(city, agent, "file/revealed"))["sections"]["mandates"]
    assert [each["id"] for each in mine["records"]] == [own]
    assert {each["id"] for each in theirs["records"]} == {own, of_company}
    said = values_of(mine)
    assert (said["side"], said["state"], said["agent"], said["principal"]) == ("given", "active", "示***二", "示***一")
    assert {values_of({"records": [each]})["side"] for each in theirs["records"]} == {"held"}
    assert PEOPLE[0]["name"] not in str(theirs)
    assert PEOPLE[1]["name"] not in str(mine)
    for service in KEEPERS:
        beside.answers(service, "GET", path(company), FileSection(items=[]))
    [record_of] = (await ask_for(city, "file", organisation=company)).json()["sections"]["mandates"]["records"]
    assert (record_of["id"], record_of["title"]) == (of_company, "经办人 Agent of an organisation")


COMPANY = OrganisationId.new()


async def company(city: Office, beside: Neighbours) -> PersonId:
    """A registered company; its representative."""
    person = await city.registered()
    said = {"credit_code": AGENCY, "name": "示例·某公司", "assurance": 3, "status": "active", "registered_at": TODAY}
    async with city.database.transaction() as session:
        await session.execute(sa.insert(organisations).values(id=COMPANY, representative=person, **said))
    for service in KEEPERS:
        beside.answers(service, "GET", path(COMPANY), FileSection(items=[record(service)]))
    return person


async def ask_for(city: Office, where: str, **more: Any) -> Any:
    said = {"organisation": COMPANY, "actor": PersonId.new(), "mandate": MandateId.new(), "assurance": 3, **more}
    facts = CallerFacts("gateway", city.client, "app", permissions=EVERYTHING, **said)
    return await city.door.call("GET", f"/organisations/me/{where}", facts=facts)


async def test_an_organisation_has_a_file_of_its_own(city: Office, beside: Neighbours) -> None:
    representative = await company(city, beside)
    found = (await ask_for(city, "file")).json()
    assert list(found["sections"]) == ["account", "mandates", "cases", "certificates", "ratings"]
    account = values_of(found["sections"]["account"])
    assert (account["name"], account["credit_code"]) == ("示例·某公司", AGENCY)
    assert "*" in account["representative"]
    revealed = (await ask_for(city, "file/revealed")).json()
    assert values_of(revealed["sections"]["account"])["representative"] == PEOPLE[0]["name"]
    [look, _] = city.door.disclosed
    assert (look.subjects, look.organisations) == ((), (COMPANY,))
    assert representative not in look.subjects


@pytest.mark.parametrize(("where", "needed"), [("file", 2), ("file/revealed", 3)])
async def test_an_organisation_s_file_is_for_who_acts_for_all_of_it(city: Office, beside: Neighbours, where: str, needed: int) -> None:
    person = await company(city, beside)
    nobody = {"organisation": None, "actor": None, "mandate": None}
    assert (await ask_for(city, where, assurance=needed)).status_code == 200
    assert (await ask_for(city, where, assurance=needed - 1)).status_code == 403
    assert (await ask_for(city, where, mandate_matters=("310101900000",))).status_code == 403
    assert (await ask_for(city, where, **nobody, person=person)).status_code == 403
    assert (await ask_for(city, where, **nobody)).status_code == 403
    assert (await ask_for(city, where, organisation=OrganisationId.new())).status_code == 404


async def test_a_device_that_was_signed_off_is_no_longer_among_them(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    keep(beside, person)
    await city.login()
    city.clock.advance(timedelta(hours=12, seconds=1))
    assert (await file_of(city, person))["sections"]["devices"]["records"] == []
