"""Who looked at whose data, and who the clients are, as the mesh tells identity."""

from datetime import timedelta
from typing import Any

from contracts.events.access import DataAccessed
from contracts.values import PartyId, PersonId
from tests.component.identity.office import Office

PERSON, OTHER = PersonId.new(), PersonId.new()


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


async def ledger(office: Office, person: PersonId = PERSON) -> list[dict[str, Any]]:
    answer = await office.api("GET", "/persons/me/accesses", person=person)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_everyone_who_looked_is_named_in_words(office: Office) -> None:
    for event in (
        access(office, party=office.client, person=PERSON),
        access(office, party=office.client, person=OTHER, officer="qx-001"),
        access(office, service="application"),
        access(office),
    ):
        await office.feed.deliver(event, at=office.clock.now())
    assert [each["who"] for each in await ledger(office)] == [
        "本人 yourself（示例应用）",
        "示例应用",
        "统一受理服务 case intake",
        "门户 portal",
    ]
    assert (await ledger(office))[1]["officer"] == "qx-001"


async def test_each_subject_has_an_entry_and_sees_no_other_s(office: Office) -> None:
    await office.feed.deliver(access(office, subjects=(PERSON, OTHER)), at=office.clock.now())
    await office.feed.deliver(access(office, subjects=(OTHER,)), at=office.clock.now())
    assert (len(await ledger(office)), len(await ledger(office, OTHER)), len(await ledger(office, PersonId.new()))) == (1, 2, 0)


async def test_a_redelivery_adds_nothing(office: Office) -> None:
    event = access(office)
    event_id = await office.feed.deliver(event, at=office.clock.now())
    await office.feed.deliver(event, at=office.clock.now(), event_id=event_id)
    assert len(await ledger(office)) == 1


async def test_a_long_ledger_comes_in_pages(office: Office) -> None:
    await office.feed.deliver(access(office, subjects=(PERSON,) * 101), at=office.clock.now())
    first = (await office.api("GET", "/persons/me/accesses", person=PERSON)).json()
    second = (await office.api("GET", f"/persons/me/accesses?after={first['next']}", person=PERSON)).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (100, 1, None)


async def test_what_was_told_later_of_a_client_stays_when_it_is_heard_first(office: Office) -> None:
    client = PartyId.new()
    office.clock.advance(timedelta(seconds=1))
    await office.know(client, status="suspended")
    office.clock.advance(timedelta(seconds=-1))
    await office.know(client)
    assert (await office.browse("GET", office.request(client_id=client))).status_code == 400
