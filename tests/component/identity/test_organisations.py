"""Legal persons: one account a credit code, as the registry has it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.events.identity import MandateRevoked, OrganisationVerified, PersonVerified
from contracts.values import CreditCode, OrganisationId, PartyId, PersonId, SessionId
from deploy.local.sandbox import credit, registry
from services.identity.commands.exchange import ORGANISATION
from services.identity.tables import organisation_checks
from tests.component.identity.accounts import account_of, with_phone
from tests.component.identity.mandates import ask, exchange, given, signed_on_as, two
from tests.component.identity.office import PEOPLE, Office, claims_of
from tests.support.service import EVERYTHING, published

CODE = CreditCode("91310101MA1TE5T0XR")
COMPANY = registry.COMPANIES[CODE]
SAID = {"credit_code": CODE, "name": COMPANY["name"]}


async def register(office: Office, person: PersonId, **more: Any) -> httpx.Response:
    return await office.api("POST", "/organisations/registrations", SAID | more, person=person)


async def founded(office: Office, person: PersonId) -> OrganisationId:
    answer = await register(office, person)
    assert answer.status_code == 201, answer.text
    return OrganisationId(answer.json()["organisation_id"])


async def read_as(office: Office, organisation: OrganisationId, acting_for: OrganisationId) -> httpx.Response:
    facts = CallerFacts("gateway", PartyId.new(), "app", permissions=EVERYTHING, organisation=acting_for, actor=PersonId.new(), assurance=3)
    return await office.door.call("GET", f"/organisations/{organisation}", facts=facts)


async def challenge(office: Office, person: PersonId, organisation: OrganisationId) -> str:
    asked = await office.api("POST", f"/organisations/{organisation}/licence-challenges", person=person)
    assert asked.status_code == 201, asked.text
    return str(asked.json()["challenge"])


async def show(office: Office, person: PersonId, organisation: OrganisationId, asked: str, answer: str, **more: Any) -> httpx.Response:
    said = {"challenge": asked, "response": answer}
    return await office.api("POST", f"/organisations/{organisation}/licence", said, person=person, **more)


async def checks(office: Office) -> list[tuple[Any, ...]]:
    columns = (
        organisation_checks.c.representative,
        organisation_checks.c.method,
        organisation_checks.c.assurance,
        organisation_checks.c.status,
    )
    async with office.database.reading() as session:
        return [tuple(row) for row in await session.execute(sa.select(*columns).order_by(organisation_checks.c.id))]


async def test_the_representative_registers_the_company_that_the_registry_knows(office: Office) -> None:
    person = await office.registered()
    organisation = await founded(office, person)
    [mine] = (await office.api("GET", "/organisations/me", person=person)).json()["items"]
    assert (mine["organisation_id"], mine["assurance"], mine["status"]) == (organisation, 2, "active")
    [event] = await published(office.database, OrganisationVerified)
    assert (event.organisation_id, event.assurance) == (organisation, 2)
    assert (await office.api("GET", "/organisations/me", person=PersonId.new())).json()["items"] == []


@pytest.mark.parametrize(
    ("number", "more"),
    [(0, {"name": "别的公司"}), (1, {}), (0, {"credit_code": "92310115MA1TE5T180"}), (0, {"credit_code": "1131000000TE5T029R"})],
)
async def test_what_the_registry_does_not_confirm_is_refused(office: Office, number: int, more: dict[str, str]) -> None:
    person = await office.registered(number)
    refused = await register(office, person, **more)
    assert (refused.status_code, refused.json()["code"]) == (422, "representative-not-confirmed")
    assert await published(office.database, OrganisationVerified) == []


async def test_a_wrong_credit_code_is_no_question_for_the_registry(office: Office) -> None:
    refused = await register(office, await office.registered(), credit_code="91310101MA1TE5T0XX")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


async def test_who_has_no_real_name_represents_nobody(office: Office) -> None:
    refused = await register(office, await with_phone(office))
    assert (refused.status_code, refused.json()["code"]) == (409, "person-not-verified")


async def test_registered_again_it_is_the_same_and_checked_anew(office: Office) -> None:
    person = await office.registered()
    first, second = await founded(office, person), await founded(office, person)
    assert first == second
    assert len(await checks(office)) == 2


async def test_another_representative_takes_over_by_a_fresh_check_and_proves_the_licence_anew(office: Office) -> None:
    anna, berta = await office.registered(), await office.registered(1, phone="13800000002")
    organisation = await founded(office, anna)
    await certified(office, anna, organisation)
    registry.COMPANIES[CODE]["representative"] = {"type": "RIC", "number": PEOPLE[1]["resident_id"]}
    assert await founded(office, berta) == organisation
    assert (await office.api("GET", "/organisations/me", person=anna)).json()["items"] == []
    [theirs] = (await office.api("GET", "/organisations/me", person=berta)).json()["items"]
    assert theirs["assurance"] == 2
    assert (await register(office, anna)).json()["code"] == "representative-not-confirmed"
    assert [each[:3] for each in await checks(office)] == [
        (anna, "registry", 2),
        (anna, "electronic_licence", 4),
        (berta, "registry", 2),
    ]


async def test_a_dissolved_company_is_dissolved_here_too(office: Office) -> None:
    person = await office.registered()
    organisation = await founded(office, person)
    registry.COMPANIES[CODE]["state"] = "dissolved"
    refused = await register(office, person)
    assert (refused.status_code, refused.json()["code"]) == (409, "organisation-dissolved")
    [mine] = (await office.api("GET", "/organisations/me", person=person)).json()["items"]
    assert mine["status"] == "dissolved"
    asked = await office.api("POST", f"/organisations/{organisation}/licence-challenges", person=person)
    assert asked.json()["code"] == "organisation-dissolved"
    assert [each[3] for each in await checks(office)] == ["active", "dissolved"]


async def test_an_organisation_is_read_by_whoever_acts_for_it_and_by_services(office: Office) -> None:
    organisation = await founded(office, await office.registered())
    assert (await read_as(office, organisation, organisation)).json()["credit_code"] == CODE
    foreign = await read_as(office, organisation, OrganisationId.new())
    assert (foreign.status_code, foreign.json()["code"]) == (404, "organisation-not-found")
    profile = await office.door.call("GET", f"/organisations/{organisation}/profile", facts=CallerFacts("application"))
    assert profile.json()["name"] == {"value": COMPANY["name"], "source": "enterprise-registry", "at": profile.json()["name"]["at"]}
    stranger = await office.door.call("GET", f"/organisations/{organisation}/profile", facts=CallerFacts("rating"))
    assert stranger.status_code == 403


async def test_who_represents_a_company_no_more_acts_for_it_no_more_and_its_agents_go_on(office: Office) -> None:
    old, agent = await two(office)
    company = await founded(office, old)
    await certified(office, old, company)
    appointed = await given(office, old, agent, kind="agent", organisation_id=company)
    as_old, as_agent = await signed_on_as(office, 0), await signed_on_as(office, 1)
    by_law = await acting(office, company, as_old, subject_token_type=ORGANISATION)
    by_mandate = await acting(office, appointed, as_agent)
    new = await office.registered(2, phone="13800000003")
    registry.COMPANIES[CODE]["representative"] = {"type": "RIC", "number": PEOPLE[2]["resident_id"]}
    await founded(office, new)
    assert not await holds(office, by_law)
    assert await holds(office, by_mandate)
    assert [each.mandate_id for each in await published(office.database, MandateRevoked)] == [claims_of(by_law)["mandate"]["id"]]
    await founded(office, new)
    assert len(await published(office.database, MandateRevoked)) == 1, "checked again, nothing changed"
    assert (await ask(office, new, "DELETE", f"/mandates/{appointed}")).status_code == 204
    assert not await holds(office, by_mandate)


async def test_nobody_acts_for_a_dissolved_company(office: Office) -> None:
    representative, agent = await two(office)
    company = await founded(office, representative)
    await certified(office, representative, company)
    appointed = await given(office, representative, agent, kind="agent", organisation_id=company)
    tokens = [
        await acting(office, company, await signed_on_as(office, 0), subject_token_type=ORGANISATION),
        await acting(office, appointed, await signed_on_as(office, 1)),
    ]
    registry.COMPANIES[CODE]["state"] = "dissolved"
    assert (await register(office, representative)).status_code == 409
    assert [await holds(office, each) for each in tokens] == [False, False]
    assert len(await published(office.database, MandateRevoked)) == 2


async def acting(office: Office, subject: str, actor_token: str, **more: str) -> str:
    answer = await exchange(office, subject, actor_token, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def holds(office: Office, token: str) -> bool:
    return bool((await office.ask("/introspect", token=token)).json()["active"])


# The electronic business licence


async def certified(office: Office, person: PersonId, organisation: OrganisationId) -> None:
    asked = await challenge(office, person, organisation)
    answer = await show(office, person, organisation, asked, registry.answer_of(asked, COMPANY["licence_key"]))
    assert (answer.status_code, answer.json()["assurance"]) == (200, 4), answer.text


async def test_the_licence_certifies_the_company_and_its_representative(office: Office) -> None:
    person = await office.registered()
    await certified(office, person, await founded(office, person))
    assert (await account_of(office, person))["assurance"] == 4
    assert [each.assurance for each in await published(office.database, OrganisationVerified)] == [2, 4]
    assert [each.assurance for each in await published(office.database, PersonVerified)] == [2, 4]


async def test_a_challenge_is_answered_once_in_time_and_by_its_own_representative(office: Office) -> None:
    person = await office.registered()
    organisation = await founded(office, person)
    asked = await challenge(office, person, organisation)
    right = registry.answer_of(asked, COMPANY["licence_key"])
    wrong = await show(office, person, organisation, asked, registry.answer_of(asked, "another licence"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "licence-not-confirmed")
    assert (await show(office, person, organisation, asked, right)).json()["code"] == "licence-not-confirmed", "it was used"
    late = await challenge(office, person, organisation)
    office.clock.advance(timedelta(minutes=5))
    assert (await show(office, person, organisation, late, registry.answer_of(late, COMPANY["licence_key"]))).status_code == 422
    assert (await account_of(office, person))["assurance"] == 2


async def test_a_challenge_of_another_company_or_person_is_none(office: Office) -> None:
    anna, berta = await office.registered(), await office.registered(1, phone="13800000002")
    organisation = await founded(office, anna)
    other = await office.api(
        "POST", "/organisations/registrations", {"credit_code": "92310115MA1TE5T180", "name": "示例便利店"}, person=berta
    )
    asked = await challenge(office, berta, OrganisationId(other.json()["organisation_id"]))
    answer = registry.answer_of(asked, COMPANY["licence_key"])
    assert (await show(office, anna, organisation, asked, answer)).json()["code"] == "licence-not-confirmed"
    assert (await show(office, berta, organisation, asked, answer)).json()["code"] == "organisation-not-found"
    foreign = await office.api("POST", f"/organisations/{organisation}/licence-challenges", person=berta)
    assert foreign.json()["code"] == "organisation-not-found"


async def test_the_sign_on_is_worth_the_licence_that_was_shown_in_it(office: Office) -> None:
    person = await office.registered()
    organisation = await founded(office, person)
    await office.login()
    async with office.database.reading() as session:
        sign_on = SessionId((await session.execute(sa.text("SELECT id FROM sessions"))).scalar_one())
    asked = await challenge(office, person, organisation)
    await show(office, person, organisation, asked, registry.answer_of(asked, COMPANY["licence_key"]), session=sign_on)
    async with office.database.reading() as session:
        assert (await session.execute(sa.text("SELECT assurance, methods FROM sessions"))).one() == (4, ["pwd", "licence"])


async def test_intake_asks_for_a_companys_credit_with_its_profile(office: Office) -> None:
    company = await founded(office, await office.registered())
    path = f"/organisations/{company}/profile?with=credit"
    await credit.list_one(CODE)
    try:
        answer = (await office.door.call("GET", path, facts=CallerFacts("application"))).json()
    finally:
        await credit.repair(CODE)
    assert (answer["credit_code"]["value"], answer["credit"]["is_barred"]) == (CODE, True)
    look = office.door.disclosed[-1]
    assert (look.organisations, look.grade) == ((company,), 4)
    assert look.items == ("name", "credit_code", "representative", "信用 credit")
    assert (await office.door.call("GET", path, facts=CallerFacts("certificate"))).status_code == 403
