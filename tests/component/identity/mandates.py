"""What tests about acting for others do again and again."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from chassis.http.mesh_token import CallerFacts
from contracts.values import Assurance, CreditCode, Id, MandateId, OrganisationId, PersonId, SessionId
from deploy.local.sandbox import population
from services.identity.commands.exchange import ACCESS_TOKEN, GRANT_TYPE, MANDATE
from services.identity.domain.organisations import Organisation
from services.identity.repository import Organisations, Persons
from tests.component.identity.office import ASSERTION, PEOPLE, Office
from tests.support.service import EVERYTHING

GRANTOR, AGENT = PEOPLE[0], PEOPLE[1]
PHONES = ("13800000001", "13800000002")
CHILD = next(child for child in population.CHILDREN.values() if child["guardian"] == GRANTOR["resident_id"])
MATTER, OTHER_MATTER = "310102911000", "310102912000"


def caller(office: Office, person: PersonId, *, assurance: int = 3, **more: Any) -> CallerFacts:
    return CallerFacts(
        "gateway", office.client, "app", person=person, assurance=assurance, session=SessionId.new(), permissions=EVERYTHING, **more
    )


async def ask(
    office: Office, person: PersonId, method: str, path: str, said: Any = None, *, assurance: int = 3, key: str | None = None, **more: Any
) -> httpx.Response:
    facts = caller(office, person, assurance=assurance, **more)
    return await office.door.call(method, path, facts=facts, json=said, key=key or (Id.new() if method == "POST" else None))


def wanted(office: Office, **changes: Any) -> dict[str, Any]:
    """A helper for a month, named by phone."""
    said = {
        "kind": "helper",
        "agent": {"name": AGENT["name"], "phone": PHONES[1]},
        "ends_at": (office.clock.now() + timedelta(days=30)).isoformat(),
    }
    return said | changes


async def two(office: Office) -> tuple[PersonId, PersonId]:
    """A grantor and an agent, both real persons."""
    found = []
    for number, phone in enumerate(PHONES):
        found.append(await office.registered(number, phone=phone))
        await known_at(office, found[-1], 3)
    return found[0], found[1]


async def known_at(office: Office, person: PersonId, assurance: int) -> None:
    sealer = office.door.app.state.sealer
    async with office.database.transaction() as session:
        people = Persons(session, sealer)
        await people.save((await people.get(person)).verified(Assurance(assurance)))


async def given(office: Office, grantor: PersonId, agent: PersonId, /, **changes: Any) -> MandateId:
    """An accepted mandate."""
    answer = await ask(office, grantor, "POST", "/mandates", wanted(office, **changes), assurance=4)
    assert answer.status_code == 201, answer.text
    mandate = answer.json()["mandate_id"]
    taken = await ask(office, agent, "POST", f"/mandates/{mandate}/acceptance")
    assert (taken.status_code, taken.json()["state"]) == (200, "coming" if changes.get("begins_at") else "active"), taken.text
    return MandateId(mandate)


async def organisation(office: Office, representative: PersonId, *, assurance: int = 3, status: str = "active") -> OrganisationId:
    found = Organisation(
        id=OrganisationId.new(),
        credit_code=CreditCode("91350100M000100Y43"),
        name="示例·某某科技有限公司",
        representative=representative,
        assurance=Assurance(assurance),
        registered_at=office.clock.now(),
        status=status,
    )
    async with office.database.transaction() as session:
        await Organisations(session).add(found)
    return found.id


async def exchange(office: Office, subject: str, actor_token: str, /, *, dpop: str | None = None, **changes: str | None) -> httpx.Response:
    said = {
        "client_assertion_type": ASSERTION,
        "client_assertion": office.assertion(),
        "grant_type": GRANT_TYPE,
        "subject_token": subject,
        "subject_token_type": MANDATE,
        "actor_token": actor_token,
        "actor_token_type": ACCESS_TOKEN,
        **changes,
    }
    form = {name: value for name, value in said.items() if value is not None}
    return await office.browse("POST", "/token", form, **({"dpop": dpop} if dpop else {}))


async def signed_on_as(office: Office, number: int) -> str:
    """The access token of one of the two."""
    return str((await office.signed_on(username=PHONES[number]))["access_token"])


def reason(text: str) -> str:
    return f"?reason={quote(text)}"
