"""Who looked at whose data, and who the clients are, as the mesh tells identity."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.http.mesh_token import CallerFacts
from contracts.events.access import DataAccessed
from contracts.values import CaseNumber, CreditCode, MandateId, OrganisationId, PartyId, PersonId
from services.identity import worker
from services.identity.commands.ledger import keep_accesses
from services.identity.tables import accesses
from tests.component.identity.conftest import settings_in
from tests.component.identity.office import Office
from tests.support.cases import AGENCY, TASK
from tests.support.clock import TODAY
from tests.support.eventually import eventually
from tests.support.service import EVERYTHING
from tests.support.station import running

PERSON, OTHER = PersonId.new(), PersonId.new()
COMPANY, MANDATE = OrganisationId.new(), MandateId.new()
CASE = CaseNumber.of(TASK, TODAY.date(), 1)


def access(office: Office, **more: Any) -> DataAccessed:
    said = {
        "subjects": (PERSON,),
        "owner": "certificate",
        "grade": 3,
        "purpose": "case",
        "items": ("name",),
        "at": office.clock.now(),
        **more,
    }
    return DataAccessed(**said)


async def ledger(office: Office, person: PersonId = PERSON, query: str = "") -> list[dict[str, Any]]:
    answer = await office.api("GET", f"/persons/me/accesses{query}", person=person)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def company_ledger(office: Office, **facts: Any) -> Any:
    said = {"organisation": COMPANY, "actor": PERSON, "mandate": MANDATE, "assurance": 3, **facts}
    caller = CallerFacts("gateway", office.client, "app", permissions=EVERYTHING, **said)
    return await office.door.call("GET", "/organisations/me/accesses", facts=caller)


async def test_everyone_who_looked_is_named_in_words(office: Office) -> None:
    unheard_of = PartyId.new()
    for event in (
        access(office, party=office.client, person=PERSON),
        access(office, party=office.client, person=OTHER, officer="qx-001"),
        access(office, service="application"),
        access(office, party=unheard_of),
        access(office),
    ):
        await office.feed.deliver(event, at=office.clock.now())
    found = await ledger(office)
    assert [(each["by"], each["who"]) for each in found] == [
        ("self", "本人 yourself（示例应用）"),
        ("officer", "示例应用"),
        ("service", "统一受理服务 case intake"),
        ("party", unheard_of),
        ("party", "门户 portal"),
    ]
    assert found[1]["officer"] == "qx-001"


async def test_the_agency_behind_a_system_is_named(office: Office) -> None:
    police = PartyId.new()
    await office.know(police, name="示例·区级系统", agency=CreditCode(AGENCY))
    await office.feed.deliver(access(office, party=police, officer="hp-001"), at=office.clock.now())
    [look] = await ledger(office)
    assert (look["who"], look["party"], look["agency"]) == ("示例·区级系统", police, AGENCY)


async def test_a_look_by_mandate_names_the_mandate_and_masks_who_used_it(office: Office) -> None:
    agent = await office.registered()
    event = access(office, party=office.client, person=agent, mandate=MANDATE)
    await office.feed.deliver(event, at=office.clock.now())
    [look] = await ledger(office)
    assert (look["by"], look["mandate"]) == ("mandate", MANDATE)
    assert look["who"].startswith("受权人 agent ")
    assert "*" in look["who"]
    assert look["who"].endswith("（示例应用）")


async def test_an_organisation_has_a_ledger_of_its_own(office: Office) -> None:
    event = access(office, subjects=(), organisations=(COMPANY,), party=office.client, person=PERSON, mandate=MANDATE)
    await office.feed.deliver(event, at=office.clock.now())
    await office.feed.deliver(access(office), at=office.clock.now())
    answer = await company_ledger(office)
    assert [each["by"] for each in answer.json()["items"]] == ["mandate"]
    assert len(await ledger(office)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"organisation": None, "actor": None, "mandate": None, "person": PERSON},
        {"mandate_matters": ("310101900000",)},
        {"assurance": 1},
        {"organisation": None, "actor": None, "mandate": None},
    ],
    ids=["for a person", "by a mandate for some matters", "too little known", "for nobody"],
)
async def test_nobody_else_sees_the_ledger_of_an_organisation(office: Office, facts: dict[str, Any]) -> None:
    assert (await company_ledger(office, **facts)).status_code == 403


async def test_a_person_sees_their_ledger_when_they_are_known_and_act_for_themself(office: Office) -> None:
    assert (await office.api("GET", "/persons/me/accesses", person=PERSON, assurance=1)).status_code == 403
    by_mandate = CallerFacts("gateway", office.client, "app", permissions=EVERYTHING, person=PERSON, actor=OTHER, assurance=3)
    assert (await office.door.call("GET", "/persons/me/accesses", facts=by_mandate)).status_code == 403


async def test_a_look_at_a_person_and_a_company_stands_in_both_ledgers(office: Office) -> None:
    await office.feed.deliver(access(office, organisations=(COMPANY,)), at=office.clock.now())
    assert (len(await ledger(office)), len((await company_ledger(office)).json()["items"])) == (1, 1)


async def test_each_subject_has_an_entry_and_sees_no_other_s(office: Office) -> None:
    await office.feed.deliver(access(office, subjects=(PERSON, OTHER)), at=office.clock.now())
    await office.feed.deliver(access(office, subjects=(OTHER,)), at=office.clock.now())
    assert (len(await ledger(office)), len(await ledger(office, OTHER)), len(await ledger(office, PersonId.new()))) == (1, 2, 0)


async def test_the_ledger_is_asked_for_one_case_or_for_those_who_looked_in_one_way(office: Office) -> None:
    for event in (
        access(office, purpose=CASE, case_number=CASE, party=office.client, officer="hp-001"),
        access(office, purpose=CASE, case_number=CASE, service="application"),
        access(office, party=office.client, person=PERSON),
    ):
        await office.feed.deliver(event, at=office.clock.now())
    assert [each["by"] for each in await ledger(office, query=f"?case_number={CASE}")] == ["officer", "service"]
    assert [each["case_number"] for each in await ledger(office, query=f"?case_number={CASE}&by=service")] == [CASE]
    assert [each["by"] for each in await ledger(office, query="?by=self")] == ["self"]
    assert [each["by"] for each in await ledger(office, query=f"?party={office.client}")] == ["officer", "self"]


@pytest.mark.parametrize("query", ["?by=nobody", "?case_number=x", "?party=x", "?after=-1", "?after=x"])
async def test_a_question_that_makes_no_sense_is_refused(office: Office, query: str) -> None:
    assert (await office.api("GET", f"/persons/me/accesses{query}", person=PERSON)).status_code == 422


async def test_a_redelivery_adds_nothing(office: Office) -> None:
    event = access(office)
    event_id = await office.feed.deliver(event, at=office.clock.now())
    await office.feed.deliver(event, at=office.clock.now(), event_id=event_id)
    assert len(await ledger(office)) == 1


async def test_of_many_at_once_each_look_is_kept_as_it_was_told(office: Office) -> None:
    """One statement keeps them, with everything that an entry may say, quotes and all."""
    plain = access(office)
    full = access(
        office, subjects=(OTHER, PERSON), organisations=(COMPANY,), officer="hp-001", person=OTHER, mandate=MANDATE, case_number=CASE,
        purpose='办件 "case" \\ {a}', items=("姓名 name", 'a "quoted", item', "NULL", ""),
    )  # fmt: skip
    async with office.database.transaction() as session:
        await keep_accesses(session, [plain, full])
    async with office.database.reading() as session:
        rows = (await session.execute(sa.select(accesses).order_by(accesses.c.id))).all()
    assert [(row.person_id, row.organisation_id) for row in rows] == [(PERSON, None), (OTHER, None), (PERSON, None), (None, COMPANY)]
    assert (rows[0].items, rows[0].officer, rows[0].case_number, rows[0].at) == (["name"], None, None, plain.at)
    said = rows[3]
    assert (said.purpose, said.items, said.officer, said.by_person) == (full.purpose, list(full.items), "hp-001", OTHER)
    assert (said.mandate, said.case_number, said.grade, said.owner) == (MANDATE, CASE, 3, "certificate")


async def test_a_long_ledger_comes_in_pages(office: Office) -> None:
    await office.feed.deliver(access(office, subjects=(PERSON,) * 101), at=office.clock.now())
    first = (await office.api("GET", "/persons/me/accesses", person=PERSON)).json()
    second = (await office.api("GET", f"/persons/me/accesses?after={first['next']}", person=PERSON)).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (100, 1, None)


@pytest.mark.parametrize("change", [sa.update(accesses).values(purpose="another"), sa.delete(accesses)], ids=["update", "delete"])
async def test_what_was_written_stays(office: Office, change: Any) -> None:
    await office.feed.deliver(access(office), at=office.clock.now())
    with pytest.raises(DBAPIError, match="append-only"):
        async with office.database.transaction() as session:
            await session.execute(change)
    assert [each["purpose"] for each in await ledger(office)] == ["case"]


async def test_looks_are_kept_for_36_months_of_the_calendar_and_no_longer(office: Office, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, office.database)
    last_kept = datetime(2023, 11, 24, 2, 0, tzinfo=UTC)
    assert office.clock.now() == last_kept.replace(year=2026)
    for at in (last_kept - timedelta(microseconds=1), last_kept - timedelta(days=400), last_kept, last_kept + timedelta(days=1)):
        await office.feed.deliver(access(office, at=at), at=office.clock.now())
    [purge] = [part for part in worker.create(settings, office.database, office.clock) if part.name == "old accesses"]

    async def two_are_left() -> bool:
        return len(await ledger(office)) == 2

    async with running(purge.main):
        await eventually(two_are_left)
    assert [datetime.fromisoformat(each["at"]) for each in await ledger(office)] == [last_kept, last_kept + timedelta(days=1)]


async def test_what_was_told_later_of_a_client_stays_when_it_is_heard_first(office: Office) -> None:
    client = PartyId.new()
    office.clock.advance(timedelta(seconds=1))
    await office.know(client, status="suspended")
    office.clock.advance(timedelta(seconds=-1))
    await office.know(client)
    assert (await office.browse("GET", office.request(client_id=client))).status_code == 400
