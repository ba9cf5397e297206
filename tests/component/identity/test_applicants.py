"""What intake asks of an applicant: whose account a document is, when a window saw them, and whether their word is good."""

from datetime import timedelta
from typing import Any

from chassis.http.mesh_token import CallerFacts
from contracts.values import CreditCode, Id, OfficerId, PersonId
from deploy.local.sandbox import credit, registry
from deploy.local.sandbox.server import Manners
from tests.component.identity.accounts import OFFICER, POLICE, by_officer, document, registered_with
from tests.component.identity.mandates import AGENT, MATTER, OTHER_MATTER, given, organisation, two
from tests.component.identity.office import PEOPLE, Office

NAME, NUMBER = PEOPLE[0]["name"], PEOPLE[0]["resident_id"]
SEEN = {"name": NAME, "document": document("RIC", NUMBER)}
KEPT = timedelta(minutes=5)
ELSEWHERE = CreditCode("11310101TE5T010192")


async def asked(office: Office, said: dict[str, Any], agency: CreditCode = POLICE) -> Any:
    facts = CallerFacts("application", agency=agency, officer=OfficerId("hp-009"))
    return await office.door.call("POST", "/applicants", facts=facts, json=said)


async def credit_of(office: Office, subject: Id, issuer: str = "application") -> Any:
    return await office.door.call("GET", f"/subjects/{subject}/credit", facts=CallerFacts(issuer))


async def profile_with_credit(office: Office, person: PersonId, issuer: str = "application") -> Any:
    return await office.door.call("GET", f"/persons/{person}/profile?with=credit", facts=CallerFacts(issuer))


async def test_an_agency_knows_whom_its_own_window_saw_and_when(office: Office) -> None:
    person = await office.registered()
    unseen = (await asked(office, SEEN)).json()
    assert (unseen["person_id"], unseen["seen_at"]) == (person, None)
    seen_at = office.clock.now()
    assert (await by_officer(office, "POST", "/window-checks", SEEN)).status_code == 200
    office.clock.advance(timedelta(minutes=5))
    found = (await asked(office, SEEN)).json()
    assert (found["seen_by"], found["assurance"]) == (OFFICER, 4)
    assert found["seen_at"] == seen_at.isoformat().replace("+00:00", "Z")
    assert (await asked(office, SEEN, ELSEWHERE)).json()["seen_at"] is None


async def test_nobody_is_found_by_a_document_of_nobody_or_under_another_name(office: Office) -> None:
    assert (await asked(office, SEEN)).status_code == 404
    await office.registered()
    assert (await asked(office, SEEN | {"name": "示例·别人"})).status_code in {409, 422}
    refused = await office.door.call("POST", "/applicants", facts=CallerFacts("rating"), json=SEEN)
    assert refused.status_code == 403


async def test_serious_bad_credit_bars_until_it_is_repaired(office: Office) -> None:
    person = await office.registered()
    assert (await credit_of(office, person)).json()["is_barred"] is False
    office.clock.advance(KEPT)
    await credit.list_one(NUMBER)
    try:
        barred = (await credit_of(office, person)).json()
        assert (barred["is_barred"], barred["source"]) == (True, "credit-registry")
        assert office.door.disclosed[-1].subjects == (person,)
    finally:
        await credit.repair(NUMBER)
    assert (await credit_of(office, person)).json()["is_barred"] is False
    assert (await credit_of(office, person, "certificate")).status_code == 403


async def test_a_profile_tells_the_credit_too_and_both_are_one_look(office: Office) -> None:
    person = await office.registered()
    said = (await profile_with_credit(office, person)).json()
    assert (said["name"]["value"], said["credit"]["is_barred"], said["credit"]["source"]) == (NAME, False, "credit-registry")
    [look] = office.door.disclosed
    assert (look.subjects, look.grade) == ((person,), 4)
    assert look.items == ("name", "resident_id", "phone", "sex", "birth_on", "信用 credit")
    plain = await office.door.call("GET", f"/persons/{person}/profile", facts=CallerFacts("application"))
    assert plain.json() == said | {"credit": None}


async def test_the_route_behind_the_short_way_tells_the_same(office: Office) -> None:
    person = await office.registered()
    short = (await profile_with_credit(office, person)).json()
    long = await office.door.call("GET", f"/persons/{person}/profile?with=credit&", facts=CallerFacts("application"))
    assert long.json() == short
    first, second = office.door.disclosed
    assert first == second


async def test_that_nobody_is_barred_holds_for_a_while_and_a_bar_is_asked_for_each_time(office: Office) -> None:
    person = await office.registered()
    first = (await profile_with_credit(office, person)).json()["credit"]
    office.clock.advance(KEPT - timedelta(seconds=1))
    await credit.list_one(NUMBER)
    try:
        assert (await profile_with_credit(office, person)).json()["credit"] == first
        office.clock.advance(timedelta(seconds=1))
        assert (await profile_with_credit(office, person)).json()["credit"]["is_barred"] is True
    finally:
        await credit.repair(NUMBER)
    repaired = (await profile_with_credit(office, person)).json()["credit"]
    assert repaired["is_barred"] is False
    assert repaired["at"] == office.clock.now().isoformat().replace("+00:00", "Z")


async def test_a_profile_with_credit_waits_for_a_silent_register_once(office: Office) -> None:
    person = await office.registered()
    registry.app.state.manners = Manners(is_down=True)
    answer = await profile_with_credit(office, person)
    assert (answer.status_code, answer.json()["code"]) == (503, "verification-provider-away")
    assert office.door.disclosed == []
    plain = await office.door.call("GET", f"/persons/{person}/profile", facts=CallerFacts("application"))
    assert plain.status_code == 200


async def test_only_intake_is_told_of_credit(office: Office) -> None:
    person = await office.registered()
    for issuer in ("certificate", "catalogue", "gateway"):
        assert (await profile_with_credit(office, person, issuer)).status_code == 403
    unknown = await office.door.call("GET", f"/persons/{person}/profile?with=wealth", facts=CallerFacts("application"))
    assert unknown.status_code == 422


async def test_a_foreigner_is_asked_for_by_their_passport(office: Office) -> None:
    person = await registered_with(office, "Anna Sample", document("PASSPORT_FOREIGN", "X99900001", "DEU"))
    await credit.list_one("X99900001")
    try:
        assert (await credit_of(office, person)).json()["is_barred"] is True
    finally:
        await credit.repair("X99900001")


async def test_a_register_that_is_away_says_nothing(office: Office) -> None:
    person = await office.registered()
    registry.app.state.manners = Manners(is_down=True)
    answer = await credit_of(office, person)
    assert (answer.status_code, answer.json()["code"]) == (503, "verification-provider-away")


async def test_whoever_nobody_knows_has_no_credit(office: Office) -> None:
    assert (await credit_of(office, PersonId.new())).status_code == 404


async def acting(office: Office, matter: str = MATTER, **principal: Any) -> Any:
    """The one who is at the window says for whom."""
    said = {"name": AGENT["name"], "document": document("RIC", AGENT["resident_id"]), "acting_for": {"matter": matter, **principal}}
    return await asked(office, said)


async def test_who_represents_an_organisation_acts_for_it_at_a_window_and_its_agents_in_their_matters(office: Office) -> None:
    grantor, agent = await two(office)
    company = await organisation(office, grantor, assurance=4)
    code = "91350100M000100Y43"
    head = {"name": NAME, "document": document("RIC", NUMBER), "acting_for": {"matter": MATTER, "credit_code": code}}
    found = (await asked(office, head)).json()["acting_for"]
    assert (found["organisation_id"], found["matters"]) == (company, [])
    assert office.door.disclosed[-1].organisations == (company,)
    assert (await asked(office, head)).json()["acting_for"] == found
    assert (await acting(office, credit_code=code)).json()["code"] == "mandate-not-found"
    mandate = await given(office, grantor, agent, kind="agent", organisation_id=company, matters=[MATTER])
    assert (await acting(office, credit_code=code)).json()["acting_for"]["mandate_id"] == mandate
    assert (await acting(office, OTHER_MATTER, credit_code=code)).json()["code"] == "mandate-not-found"


async def test_a_person_s_agent_acts_at_a_window_until_the_mandate_ends(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent)
    said = {"name": NAME, "document": document("RIC", NUMBER)}
    found = (await acting(office, **said)).json()
    assert (found["person_id"], found["acting_for"]["mandate_id"], found["acting_for"]["person_id"]) == (agent, mandate, grantor)
    office.clock.advance(timedelta(days=31))
    assert (await acting(office, **said)).json()["code"] == "mandate-not-found"


async def test_nobody_acts_for_an_organisation_that_is_no_more(office: Office) -> None:
    grantor, _ = await two(office)
    await organisation(office, grantor, assurance=4, status="dissolved")
    answer = await acting(office, credit_code="91350100M000100Y43")
    assert (answer.status_code, answer.json()["code"]) == (404, "organisation-not-found")
