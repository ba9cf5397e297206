"""Messages that go out for other services: to the phone that identity alone knows, once a key, with what became of them."""

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.values import Id, PersonId
from deploy.local.sandbox import sms
from services.identity.tables import mandates
from tests.component.identity.mandates import CHILD, PHONES, ask, two
from tests.component.identity.office import Office
from tests.component.identity.steps import PHONE

ASKING = CallerFacts("application", purpose="a case")
TEXT = "您的办件已受理。Your case is accepted."


async def send(office: Office, person: PersonId, key: Id, channel: str = "sms", text: str = TEXT, facts: CallerFacts = ASKING) -> Any:
    said = {"channel": channel, "key": key, "text": text}
    return await office.door.call("POST", f"/persons/{person}/messages", facts=facts, json=said)


async def state(office: Office, key: Id, channel: str = "sms", facts: CallerFacts = ASKING) -> Any:
    return await office.door.call("GET", f"/messages/{key}?channel={channel}", facts=facts)


def sent() -> list[tuple[str, str]]:
    """What the sender has of us, but for codes of registration."""
    return [(each.phone, each.text) for each in sms._messages.values() if each.text == TEXT]


async def test_a_message_goes_to_the_person_s_phone_and_is_seen_to_arrive(office: Office) -> None:
    person, key = await office.registered(), Id.new()
    answer = await send(office, person, key)
    assert (answer.status_code, answer.json()) == (200, {"state": "sent", "failure": None})
    assert PHONE not in answer.text, "who asks for it never learns the phone"
    assert sent() == [(PHONE, TEXT)]
    arrived = await state(office, key)
    assert (arrived.status_code, arrived.json()) == (200, {"state": "delivered", "failure": None})
    assert PHONE not in arrived.text


async def test_a_push_goes_to_the_person_s_app_and_to_no_phone(office: Office) -> None:
    person, key = await office.registered(), Id.new()
    assert (await send(office, person, key, "push")).json()["state"] == "sent"
    assert sms._pushes[key].person_id == person
    assert sent() == []
    assert (await state(office, key, "push")).json()["state"] == "delivered"


async def test_a_child_without_a_phone_is_reached_by_the_guardian_s(office: Office) -> None:
    guardian, _ = await two(office)
    said = {"name": CHILD["name"], "resident_id": CHILD["resident_id"]}
    assert (await ask(office, guardian, "POST", "/guardianships", said)).status_code == 201
    async with office.database.reading() as session:
        child = (await session.execute(sa.select(mandates.c.principal_person))).scalar_one()
    assert (await send(office, PersonId(child), Id.new())).json()["state"] == "sent"
    assert sent() == [(PHONES[0], TEXT)]


@pytest.mark.parametrize("channel", ["sms", "push"])
async def test_the_same_key_again_sends_nothing_more(office: Office, channel: str) -> None:
    person, key = await office.registered(), Id.new()
    answers = [(await send(office, person, key, channel)).json() for _ in range(3)]
    assert answers == [{"state": "sent", "failure": None}] * 3
    assert len(sent()) == (1 if channel == "sms" else 0)
    assert len([each for each in sms._pushes.values() if each.key == key]) == (1 if channel == "push" else 0)
    assert (await send(office, person, Id.new(), channel)).json()["state"] == "sent", "another key is another message"
    assert len(sent()) == (2 if channel == "sms" else 0)


async def test_a_phone_out_of_service_is_said_with_why(office: Office) -> None:
    person, key = await office.registered(phone="13800000000"), Id.new()
    assert (await send(office, person, key)).json()["state"] == "sent"
    assert (await state(office, key)).json() == {"state": "failed", "failure": "停机 out of service"}


@pytest.mark.parametrize("channel", ["sms", "push"])
async def test_what_the_sender_does_not_know_yet_is_still_on_its_way(office: Office, channel: str) -> None:
    assert (await state(office, Id.new(), channel)).json() == {"state": "sent", "failure": None}


@pytest.mark.parametrize("channel", ["sms", "push"])
async def test_while_the_sender_is_away_nothing_is_said_to_be_sent_and_the_key_sends_later(office: Office, channel: str) -> None:
    person, key = await office.registered(), Id.new()
    office.manners("sms", delay_s=60)
    late = await send(office, person, key, channel)
    office.manners("sms", is_down=True)
    for refused in (late, await send(office, person, key, channel), await state(office, key, channel)):
        assert (refused.status_code, refused.json()["code"]) == (503, "verification-provider-away")
    office.manners("sms")
    assert (await send(office, person, key, channel)).json()["state"] == "sent"
    assert (await state(office, key, channel)).json()["state"] == "delivered"


async def test_nobody_is_told_in_the_place_of_somebody_who_is_not_there(office: Office) -> None:
    unknown = await send(office, PersonId.new(), Id.new())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "person-not-found")
    assert sent() == []


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (CallerFacts("rating"), 403),
        (CallerFacts("certificate"), 403),
        (CallerFacts("gateway", PersonId.new(), "app"), 403),  # type: ignore[arg-type]  # any id
    ],
    ids=["rating", "certificate", "an app through the door"],
)
async def test_only_the_service_of_cases_sends_and_asks(office: Office, facts: CallerFacts, status: int) -> None:
    person, key = await office.registered(), Id.new()
    assert (await send(office, person, key, facts=facts)).status_code == status
    assert (await state(office, key, facts=facts)).status_code == status
    assert sent() == []


@pytest.mark.parametrize(
    "said",
    [{"channel": "fax"}, {"key": "k"}, {"text": ""}, {"phone": "13900000000"}],
    ids=["no such channel", "no key", "nothing to say", "another phone"],
)
async def test_what_is_no_message_is_refused(office: Office, said: dict[str, str]) -> None:
    person = await office.registered()
    body = {"channel": "sms", "key": Id.new(), "text": TEXT} | said
    answer = await office.door.call("POST", f"/persons/{person}/messages", facts=ASKING, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert sent() == []
