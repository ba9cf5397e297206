"""What a person agreed to, and no longer agrees to."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from contracts.api import application
from contracts.events.identity import GrantRevoked
from contracts.strict import Page
from contracts.values import CaseNumber, CertificateId, ConsentId, PartyId, PersonId
from services.identity.tables import client_consents
from tests.component.identity.office import Office, claims_of
from tests.support.cases import TASK
from tests.support.clock import TODAY
from tests.support.service import Neighbours, published

CASE = CaseNumber.of(TASK, TODAY.date(), 1)


async def agrees(city: Office, person: PersonId, *, scope: str = "openid phone", client: PartyId | None = None) -> ConsentId:
    consent = ConsentId.new()
    said = {"person_id": person, "client_id": client or city.client, "scope": scope, "given_at": city.clock.now()}
    async with city.database.transaction() as session:
        await session.execute(sa.insert(client_consents).values(id=consent, **said))
    return consent


def of_case(**more: Any) -> application.Consent:
    said = {"certificate_id": CertificateId.new(), "case_number": CASE, "purpose": "办理犬类准养证", "agency_name": "示例·某区", **more}
    return application.Consent(consent_id=ConsentId.new(), **{"given_at": TODAY - timedelta(days=1), **said})


def cases(beside: Neighbours, person: PersonId, answer: Any) -> None:
    beside.answers("application", "GET", f"/subjects/{person}/consents", answer)


def withdrawal(beside: Neighbours, person: PersonId, consent: ConsentId, answer: Any) -> None:
    beside.answers("application", "POST", f"/subjects/{person}/consents/{consent}/withdrawal", answer)


async def consents(city: Office, person: PersonId) -> dict[str, Any]:
    answer = await city.api("GET", "/persons/me/consents", person=person)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def withdraw(city: Office, person: PersonId, consent: ConsentId, assurance: int = 2) -> Any:
    return await city.api("DELETE", f"/persons/me/consents/{consent}", person=person, assurance=assurance)


async def test_consents_to_applications_and_to_uses_of_certificates_are_one_list(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    mine, of_another_day = await agrees(city, person), of_case(is_served=True)
    await agrees(city, await city.registered(1, phone="13800000002"))
    cases(beside, person, Page[application.Consent](items=[of_another_day]))
    found = await consents(city, person)
    assert found["is_complete"]
    assert [(each["consent_id"], each["kind"], each["to"]) for each in found["items"]] == [
        (mine, "client", "示例应用"),
        (of_another_day.consent_id, "certificate", "示例·某区"),
    ]
    assert found["items"][0]["items"] == ["账号标识 account id", "手机号 phone"]
    assert (found["items"][1]["case_number"], found["items"][1]["purpose"], found["items"][1]["is_served"]) == (
        CASE,
        "办理犬类准养证",
        True,
    )


async def test_the_consents_here_are_told_while_those_of_cases_are_away(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    mine = await agrees(city, person)
    cases(beside, person, 503)
    found = await consents(city, person)
    assert ([each["consent_id"] for each in found["items"]], found["is_complete"]) == ([mine], False)


async def test_a_withdrawal_ends_what_the_application_holds_at_once_and_stays_in_the_history(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    tokens = await city.signed_on()
    other = PartyId.new()
    await city.know(other)
    consent, to_another = await agrees(city, person), await agrees(city, person, client=other)
    cases(beside, person, Page[application.Consent](items=[]))
    assert (await withdraw(city, person, consent)).status_code == 204
    assert not (await city.ask("/introspect", token=tokens["access_token"])).json()["active"]
    refreshed = await city.ask("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    [ended] = await published(city.database, GrantRevoked)
    assert ended.grant_id == claims_of(tokens["access_token"])["grant"]
    history = {each["consent_id"]: each["withdrawn_at"] is not None for each in (await consents(city, person))["items"]}
    assert history == {consent: True, to_another: False}


async def test_a_withdrawal_leaves_other_clients_and_other_persons_alone(city: Office) -> None:
    person = await city.registered()
    await city.registered(1, phone="13800000002")
    tokens, others = await city.signed_on(), await city.signed_on(username="13800000002")
    other = PartyId.new()
    await city.know(other)
    await withdraw(city, person, await agrees(city, person, client=other))
    assert (await city.ask("/introspect", token=tokens["access_token"])).json()["active"]
    await withdraw(city, person, await agrees(city, person))
    assert (await city.ask("/introspect", token=others["access_token"])).json()["active"]


async def test_only_the_first_withdrawal_counts(city: Office, beside: Neighbours) -> None:
    person = await city.registered()
    consent = await agrees(city, person)
    cases(beside, person, Page[application.Consent](items=[]))
    await withdraw(city, person, consent)
    first = (await consents(city, person))["items"][0]["withdrawn_at"]
    city.clock.advance(timedelta(seconds=5))
    tokens = await city.signed_on()
    assert (await withdraw(city, person, consent)).status_code == 204
    assert (await consents(city, person))["items"][0]["withdrawn_at"] == first
    assert (await city.ask("/introspect", token=tokens["access_token"])).json()["active"], "granted after the withdrawal"


async def test_a_consent_of_a_case_is_withdrawn_where_it_is_kept(city: Office, beside: Neighbours) -> None:
    person, consent = await city.registered(), ConsentId.new()
    withdrawal(beside, person, consent, application.ConsentWithdrawn(consent_id=consent, withdrawn_at=TODAY))
    assert (await withdraw(city, person, consent)).status_code == 204
    assert [each[2] for each in beside.asked] == [f"/subjects/{person}/consents/{consent}/withdrawal"]


async def test_a_withdrawal_that_could_not_be_made_says_so(city: Office, beside: Neighbours) -> None:
    person, consent = await city.registered(), ConsentId.new()
    withdrawal(beside, person, consent, 503)
    assert (await withdraw(city, person, consent)).status_code == 503


async def test_what_nobody_agreed_to_and_what_somebody_else_did_are_the_same(city: Office) -> None:
    person, stranger = await city.registered(), await city.registered(1, phone="13800000002")
    theirs = await agrees(city, stranger)
    for consent in (theirs, ConsentId.new()):
        answer = await withdraw(city, person, consent)
        assert (answer.status_code, answer.json()["code"]) == (404, "consent-not-found")
    assert (await withdraw(city, stranger, theirs)).status_code == 204


async def test_a_withdrawal_is_for_somebody_who_is_known(city: Office) -> None:
    person = await city.registered()
    consent = await agrees(city, person)
    assert (await withdraw(city, person, consent, assurance=1)).status_code == 403
    assert (await city.api("DELETE", "/persons/me/consents/x", person=person)).status_code == 422
