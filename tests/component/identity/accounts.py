"""What persons and officers do with accounts, in the words of the tests."""

from typing import Any

import httpx

from chassis.http.mesh_token import CallerFacts
from contracts.headers import DATA_ACCESS
from contracts.values import CreditCode, OfficerId, PartyId, PersonId
from tests.component.identity.office import PASSWORD, PEOPLE, Office
from tests.support.service import EVERYTHING

POLICE = CreditCode("1131000000TE5T029R")
OTHER_AGENCY = CreditCode("12310000425000030L")
OFFICER = OfficerId("mh-0001")


async def by_officer(
    office: Office,
    method: str,
    path: str,
    said: Any = None,
    *,
    kind: str = "department",
    agency: CreditCode | None = POLICE,
    officer: OfficerId | None = OFFICER,
) -> httpx.Response:
    facts = CallerFacts("gateway", PartyId.new(), kind, agency=agency, officer=officer, permissions=EVERYTHING)
    return await office.door.call(method, path, facts=facts, json=said)


async def code(office: Office, phone: str) -> str:
    assert (await office.api("POST", "/sms-codes", {"phone": phone})).status_code == 202
    return office.code_sent_to(phone)


def document(type_: str, number: str, country: str | None = None) -> dict[str, Any]:
    return {"type": type_, "number": number, **({"country": country} if country else {})}


async def with_document(office: Office, name: str, said: dict[str, Any], *, phone: str = "13800000009", **more: Any) -> httpx.Response:
    body = {
        "name": name,
        "document": said,
        "phone": phone,
        "sms_code": await code(office, phone),
        "password": PASSWORD,
        "accepts_agreement": True,
        **more,
    }
    return await office.api("POST", "/registrations/documents", body)


async def registered_with(office: Office, name: str, said: dict[str, Any], *, phone: str = "13800000009") -> PersonId:
    answer = await with_document(office, name, said, phone=phone)
    assert answer.status_code == 201, answer.text
    return PersonId(answer.json()["person_id"])


async def with_phone(office: Office, phone: str = "13800000005") -> PersonId:
    body = {"phone": phone, "sms_code": await code(office, phone), "password": PASSWORD, "accepts_agreement": True}
    answer = await office.api("POST", "/registrations/phone", body)
    assert answer.status_code == 201, answer.text
    return PersonId(answer.json()["person_id"])


def second_proof(number: int = 0) -> dict[str, str]:
    return {"kind": "social_security", "number": PEOPLE[number]["social_security"]}


async def account_of(office: Office, person: PersonId) -> dict[str, Any]:
    answer = await office.api("GET", "/persons/me", person=person, assurance=1)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def profile_of(office: Office, person: PersonId) -> httpx.Response:
    """The short way, whose answer is that of the long way: a question mark is enough to go there."""
    asking = CallerFacts("application", purpose="case")
    short, long = [await office.door.call("GET", f"/persons/{person}/profile{more}", facts=asking) for more in ("", "?long")]
    said = [(each.status_code, each.json(), each.headers.get(DATA_ACCESS), each.headers["content-type"]) for each in (short, long)]
    assert said[0] == said[1]
    return short
