"""Who appoints whom, for what and for how long; what nobody learns by asking."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import WriteSession
from contracts.events.identity import MandateRevoked, PersonVerified
from contracts.values import Document, DocumentType, MandateId, OrganisationId, PersonId, Phone, ResidentId
from deploy.local.sandbox import population
from services.identity.commands.registration import held
from services.identity.domain.passkeys import Passkey
from services.identity.repository import UNANSWERED, Passkeys, Persons
from services.identity.tables import mandates as rows
from tests.component.identity.accounts import code, profile_of
from tests.component.identity.mandates import (
    AGENT,
    CHILD,
    GRANTOR,
    MATTER,
    OTHER_MATTER,
    PHONES,
    ask,
    given,
    known_at,
    organisation,
    reason,
    two,
    wanted,
)
from tests.component.identity.office import PASSWORD, PEOPLE, Office
from tests.support.service import published


async def test_a_helper_is_named_accepts_and_both_sides_see_masked_names(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent, matters=[MATTER])
    mine = (await ask(office, grantor, "GET", "/mandates")).json()
    theirs = (await ask(office, agent, "GET", "/mandates")).json()
    assert [each["mandate_id"] for each in mine["given"]] == [each["mandate_id"] for each in theirs["held"]] == [mandate]
    assert (mine["held"], theirs["given"]) == ([], [])
    [held] = theirs["held"]
    assert (held["kind"], held["state"], held["matters"], held["zh"], held["en"]) == ("helper", "active", [MATTER], "帮办人员", "Helper")
    assert held["principal"] == {"kind": "person", "name": "示***一", "organisation_id": None}
    assert AGENT["name"] not in str(mine)
    assert office.door.disclosed[-1].subjects == (grantor,)


async def test_the_same_answer_whether_there_is_such_an_agent(office: Office) -> None:
    grantor, _ = await two(office)
    agents = [
        {"name": AGENT["name"], "phone": PHONES[1]},
        {"name": "示例·错名", "resident_id": AGENT["resident_id"]},
        {"name": "示例·无人", "phone": "13899999999"},
        {"name": PEOPLE[5]["name"], "resident_id": PEOPLE[5]["resident_id"]},
    ]
    answers = [await ask(office, grantor, "POST", "/mandates", wanted(office, agent=agent)) for agent in agents]
    again = [await ask(office, grantor, "POST", "/mandates", wanted(office, agent=agent)) for agent in agents]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert [(answer.status_code, answer.json()["code"]) for answer in again] == [(409, "mandate-overlaps")] * 4
    seen = [{name: value for name, value in answer.json().items() if name not in {"mandate_id", "agent_name"}} for answer in answers]
    assert seen[0] == seen[1] == seen[2] == seen[3]
    listed = (await ask(office, grantor, "GET", "/mandates")).json()["given"]
    assert {each["state"] for each in listed} == {"waiting"}
    assert office.door.disclosed == []


async def test_an_agent_known_by_both_numbers_is_found_out_by_nobody_but_themself(office: Office) -> None:
    grantor, agent = await two(office)
    await given(office, grantor, agent)
    second = await ask(
        office, grantor, "POST", "/mandates", wanted(office, agent={"name": AGENT["name"], "resident_id": AGENT["resident_id"]})
    )
    assert second.status_code == 201
    refused = await ask(office, agent, "POST", f"/mandates/{second.json()['mandate_id']}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "mandate-overlaps")


async def test_a_foreign_mandate_is_no_mandate(office: Office) -> None:
    grantor, agent = await two(office)
    answer = await ask(office, grantor, "POST", "/mandates", wanted(office))
    mandate = answer.json()["mandate_id"]
    stranger = await office.registered(2, phone="13800000003")
    for method, path in (("POST", f"/mandates/{mandate}/acceptance"), ("DELETE", f"/mandates/{mandate}")):
        for person, target in ((stranger, path), (agent, path.replace(mandate, MandateId.new()))):
            refused = await ask(office, person, method, target)
            assert (refused.status_code, refused.json()["code"]) == (404, "mandate-not-found")
    refused = await ask(office, grantor, "POST", f"/mandates/{mandate}/acceptance")
    assert refused.status_code == 404, "a grantor does not accept for the agent"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_at": timedelta(days=91)}, "mandate-time-not-valid"),
        ({"ends_at": timedelta(0)}, "mandate-time-not-valid"),
        ({"begins_at": timedelta(seconds=-1)}, "mandate-time-not-valid"),
        ({"begins_at": timedelta(days=31)}, "mandate-time-not-valid"),
        ({"begins_at": timedelta(days=400), "ends_at": timedelta(days=401)}, "mandate-time-not-valid"),
        ({"agent": {"name": GRANTOR["name"], "phone": PHONES[0]}}, "mandate-to-oneself"),
        ({"agent": {"name": "示例·别名", "resident_id": GRANTOR["resident_id"]}}, "mandate-to-oneself"),
        ({"agent": {"name": AGENT["name"]}}, "invalid-request"),
        ({"kind": "agent"}, "invalid-request"),
        ({"organisation_id": OrganisationId.new()}, "invalid-request"),
        ({"kind": "guardian"}, "invalid-request"),
        ({"kind": "representative"}, "invalid-request"),
        ({"matters": ["nonsense"]}, "invalid-request"),
        ({"ends_at": "9999-12-31T23:59:59+00:00"}, "mandate-time-not-valid"),
        ({"begins_at": "0001-01-01T00:00:00+14:00"}, "mandate-time-not-valid"),
    ],
)
async def test_what_no_mandate_can_be(office: Office, changes: dict[str, Any], code: str) -> None:
    grantor, _ = await two(office)
    said = {name: (office.clock.now() + value).isoformat() if isinstance(value, timedelta) else value for name, value in changes.items()}
    refused = await ask(office, grantor, "POST", "/mandates", wanted(office, **said))
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_overlap_is_of_matters_and_of_time(office: Office) -> None:
    grantor, _ = await two(office)
    month = [(office.clock.now() + timedelta(days=30 * count)).isoformat() for count in range(4)]

    async def code_of(**changes: Any) -> str:
        return str((await ask(office, grantor, "POST", "/mandates", wanted(office, **changes))).json().get("code", "given"))

    assert await code_of(matters=[MATTER], ends_at=month[1]) == "given"
    assert await code_of(matters=[OTHER_MATTER], ends_at=month[1]) == "given"
    assert await code_of(matters=[MATTER], begins_at=month[1], ends_at=month[2]) == "given"
    assert await code_of(matters=[OTHER_MATTER, MATTER], ends_at=month[1]) == "mandate-overlaps"
    assert await code_of(kind="relative", ends_at=month[1]) == "mandate-overlaps"
    assert await code_of(begins_at=month[2], ends_at=month[3]) == "given"


@pytest.mark.parametrize("assurance", [1, 2])
async def test_levels_of_both_sides_are_looked_at(office: Office, assurance: int) -> None:
    grantor, agent = await two(office)
    refused = await ask(office, grantor, "POST", "/mandates", wanted(office), assurance=assurance)
    assert refused.status_code == 403
    mandate = (await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"]
    refused = await ask(office, agent, "POST", f"/mandates/{mandate}/acceptance", assurance=2)
    assert (refused.status_code, refused.json()["code"]) == (403, "assurance-too-low-for-mandate")
    assert (refused.json()["required_assurance"], refused.json()["acr_values"]) == (3, "urn:tongban:assurance:3")


async def test_nobody_appoints_by_mandate(office: Office) -> None:
    """No sub-delegation: the routes are for persons who act for themselves."""
    grantor, agent = await two(office)
    mandate = (await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"]
    child = {"name": CHILD["name"], "resident_id": CHILD["resident_id"]}
    calls = [
        ("POST", "/mandates", wanted(office, agent={"name": "示例·无人", "phone": "13899999999"})),
        ("POST", "/guardianships", child),
        ("POST", f"/mandates/{mandate}/acceptance", None),
        ("GET", "/mandates", None),
        ("DELETE", f"/mandates/{mandate}", None),
    ]
    for method, path, said in calls:
        refused = await ask(office, grantor, method, path, said, actor=agent, mandate=MandateId.new())
        assert refused.status_code == 403, (method, path)


async def test_a_mandate_waits_only_so_long(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = (await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"]
    office.clock.advance(timedelta(days=14))
    refused = await ask(office, agent, "POST", f"/mandates/{mandate}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "mandate-not-awaiting-acceptance")
    assert (await ask(office, grantor, "POST", "/mandates", wanted(office))).status_code == 201


async def test_only_so_many_wait_at_a_time(office: Office) -> None:
    grantor, _ = await two(office)
    for number in range(20):
        said = wanted(office, agent={"name": "示例·无人", "phone": f"138777770{number:02d}"})
        assert (await ask(office, grantor, "POST", "/mandates", said)).status_code == 201
    refused = await ask(office, grantor, "POST", "/mandates", wanted(office))
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-mandates-waiting")


async def test_a_retry_appoints_once(office: Office) -> None:
    grantor, _ = await two(office)
    said = wanted(office)
    first, second = [await ask(office, grantor, "POST", "/mandates", said, key="k") for _ in range(2)]
    assert first.json() == second.json()


@pytest.mark.parametrize("side", [0, 1])
async def test_either_side_ends_it_and_the_mesh_hears_of_it_once(office: Office, side: int) -> None:
    both = await two(office)
    mandate = await given(office, *both)
    for _ in range(2):
        assert (await ask(office, both[side], "DELETE", f"/mandates/{mandate}{reason('不再需要')}")).status_code == 204
    [event] = await published(office.database, MandateRevoked)
    assert (event.mandate_id, event.revoked_at) == (mandate, office.clock.now())
    [seen] = (await ask(office, both[1 - side], "GET", "/mandates")).json()["given" if side else "held"]
    assert (seen["state"], seen["reason"]) == ("revoked", "不再需要")


async def test_a_mandate_that_nobody_accepted_is_ended_without_a_word(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = (await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"]
    assert (await ask(office, agent, "DELETE", f"/mandates/{mandate}")).status_code == 204
    assert await published(office.database, MandateRevoked) == []
    assert (await ask(office, agent, "POST", f"/mandates/{mandate}/acceptance")).status_code == 409


async def test_names_and_numbers_are_sealed(office: Office) -> None:
    grantor, agent = await two(office)
    await given(office, grantor, agent)
    async with office.database.reading() as session:
        [row] = (await session.execute(sa.select(rows))).all()
    assert AGENT["name"].encode() not in row.agent_name
    assert PHONES[1].encode() not in row.agent_number + row.agent_key
    assert office.door.app.state.sealer.open(row.agent_number) == PHONES[1]


async def test_what_nobody_accepted_is_forgotten(office: Office) -> None:
    grantor, agent = await two(office)
    await given(office, grantor, agent)
    said = wanted(office, agent={"name": "示例·无人", "phone": "13899999999"})
    assert (await ask(office, grantor, "POST", "/mandates", said)).status_code == 201

    async def forgotten(session: WriteSession) -> int:
        return await UNANSWERED.forget(session, office.clock.now() - UNANSWERED.life)

    async with office.database.transaction() as session:
        assert await forgotten(session) == 0
    office.clock.advance(timedelta(days=15) + UNANSWERED.life)
    async with office.database.transaction() as session:
        assert [await forgotten(session), await forgotten(session)] == [1, 0]


# Organisations


async def appoint_for(office: Office, organisation_id: OrganisationId, by: PersonId, *, assurance: int = 4) -> Any:
    said = wanted(office, kind="agent", organisation_id=organisation_id, matters=[MATTER])
    return await ask(office, by, "POST", "/mandates", said, assurance=assurance)


async def test_a_representative_appoints_an_agent_and_nobody_else_does(office: Office) -> None:
    representative, agent = await two(office)
    company = await organisation(office, representative)
    refused = await appoint_for(office, company, agent)
    unknown = await appoint_for(office, OrganisationId.new(), agent)
    assert [(each.status_code, each.json()["code"]) for each in (refused, unknown)] == [(404, "organisation-not-found")] * 2
    low = await appoint_for(office, company, representative, assurance=3)
    assert (low.status_code, low.json()["code"], low.json()["required_assurance"]) == (403, "assurance-too-low-for-mandate", 4)
    assert (await appoint_for(office, company, representative)).status_code == 201
    mine = (await ask(office, representative, "GET", "/mandates")).json()
    assert mine["represents"] == [{"kind": "organisation", "name": "示例·某某科技有限公司", "organisation_id": company}]
    assert [each["principal"]["organisation_id"] for each in mine["given"]] == [company]


async def test_a_new_representative_ends_what_the_old_one_gave(office: Office) -> None:
    old, agent = await two(office)
    company = await organisation(office, old)
    mandate = await given(office, old, agent, kind="agent", organisation_id=company)
    new = await office.registered(2, phone="13800000003")
    async with office.database.transaction() as session:
        await session.execute(sa.text("UPDATE organisations SET representative = :new"), {"new": new})
    assert (await ask(office, old, "DELETE", f"/mandates/{mandate}")).status_code == 404
    assert (await ask(office, new, "DELETE", f"/mandates/{mandate}")).status_code == 204


# Guardians

CHILD_PHONE = "13800000004"


@pytest.fixture
def provable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The population base has one more proof of the child."""
    monkeypatch.setitem(population.PEOPLE, CHILD["resident_id"], {**CHILD, "social_security": "child-1"})


async def become_guardian(office: Office, guardian: PersonId, child: dict[str, str] = CHILD, **more: Any) -> Any:
    said = {"name": child["name"], "resident_id": child["resident_id"]}
    return await ask(office, guardian, "POST", "/guardianships", said, **more)


async def test_a_guardian_acts_until_the_child_comes_of_age(office: Office) -> None:
    guardian, _ = await two(office)
    answer = await become_guardian(office, guardian)
    assert answer.status_code == 201, answer.text
    mandate = answer.json()
    assert (mandate["kind"], mandate["state"], mandate["ends_at"]) == ("guardian", "active", "2036-05-31T16:00:00Z")
    [*_, verified] = await published(office.database, PersonVerified)
    assert (verified.assurance, verified.person_id != guardian) == (2, True)
    again = await become_guardian(office, guardian)
    assert (again.status_code, again.json()["code"]) == (409, "mandate-overlaps")


async def test_a_child_s_account_takes_no_name_from_its_guardian_and_no_password(office: Office) -> None:
    guardian, _ = await two(office)
    await become_guardian(office, guardian)
    assert "code" in (await office.login(username=PHONES[0])).headers["location"]
    for password in ("", "a-good-password"):
        assert (await office.login(username=CHILD["resident_id"], password=password)).status_code == 401


async def registers(office: Office) -> Any:
    """The child itself, who has come to have a phone and one more proof."""
    said = {"name": CHILD["name"], "resident_id": CHILD["resident_id"], "phone": CHILD_PHONE, "sms_code": await code(office, CHILD_PHONE)}
    proof = {"kind": "social_security", "number": "child-1"}
    more = {"second_proof": proof, "password": PASSWORD, "accepts_agreement": True}
    return await office.api("POST", "/registrations", said | more)


@pytest.mark.usefixtures("provable")
async def test_a_child_that_registers_takes_over_the_account_its_guardian_made_known(office: Office) -> None:
    guardian, _ = await two(office)
    mandate = (await become_guardian(office, guardian)).json()["mandate_id"]
    [*_, known] = await published(office.database, PersonVerified)
    answer = await registers(office)
    assert (answer.status_code, answer.json()) == (201, {"person_id": known.person_id, "assurance": 2}), answer.text
    assert "code" in (await office.login(username=CHILD["resident_id"])).headers["location"]
    profile = (await profile_of(office, known.person_id)).json()
    assert (profile["phone"]["value"], profile["phone"]["source"]) == (CHILD_PHONE, "sms-code")
    held = (await ask(office, guardian, "GET", "/mandates")).json()["held"]
    assert [(each["mandate_id"], each["state"]) for each in held] == [(mandate, "active")]
    office.clock.advance(timedelta(minutes=1))
    again = await registers(office)
    assert (again.status_code, again.json()["code"]) == (409, "already-registered")


@pytest.mark.parametrize("proof", ["phone", "password", "passkey"])
@pytest.mark.usefixtures("provable")
async def test_an_account_that_somebody_can_sign_on_to_is_taken_over_by_nobody(office: Office, proof: str) -> None:
    guardian, _ = await two(office)
    await become_guardian(office, guardian)
    [*_, known] = await published(office.database, PersonVerified)
    async with office.database.transaction() as session:
        people = Persons(session, office.door.app.state.sealer)
        child = await people.get(known.person_id)
        if proof == "passkey":
            await Passkeys(session).add(Passkey(b"c", child.id, b"k", 0, False, "phone", office.clock.now()))
        await people.save(
            replace(child, phone=Phone("13877777777") if proof == "phone" else None, password="h" if proof == "password" else None)
        )
    refused = await registers(office)
    assert (refused.status_code, refused.json()["code"]) == (409, "already-registered")


async def test_a_child_without_a_phone_is_reached_by_the_phone_of_its_guardian(office: Office) -> None:
    guardian, _ = await two(office)
    mandate = (await become_guardian(office, guardian)).json()["mandate_id"]
    [*_, known] = await published(office.database, PersonVerified)
    phone = (await profile_of(office, known.person_id)).json()["phone"]
    assert (phone["value"], phone["source"]) == (PHONES[0], "guardian")
    assert (await ask(office, guardian, "DELETE", f"/mandates/{mandate}")).status_code == 204
    assert (await profile_of(office, known.person_id)).json()["phone"] is None


async def test_who_is_no_guardian_of_the_child_gets_nothing(office: Office) -> None:
    guardian, other = await two(office)
    refused = [await become_guardian(office, other), await become_guardian(office, guardian, {**CHILD, "name": "示例·别人"})]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(422, "guardianship-not-confirmed")] * 2
    grown = await become_guardian(office, guardian, PEOPLE[3])
    assert (grown.status_code, grown.json()["code"]) == (422, "not-a-minor")
    low = await become_guardian(office, guardian, assurance=2)
    assert low.status_code == 403


async def test_without_the_population_base_nobody_becomes_a_guardian(office: Office) -> None:
    guardian, _ = await two(office)
    office.manners("population", is_down=True)
    refused = await become_guardian(office, guardian)
    assert (refused.status_code, refused.json()["code"]) == (503, "verification-provider-away")
    office.manners("population")
    assert (await become_guardian(office, guardian)).status_code == 201


async def test_a_minor_acts_for_nobody(office: Office) -> None:
    """A child of age sixteen with an account of its own."""
    grantor, agent = await two(office)
    await known_at(office, agent, 3)
    sealer = office.door.app.state.sealer
    number = ResidentId(next(child for child in population.CHILDREN if child[6:10] == "2010"))
    async with office.database.transaction() as session:
        people = Persons(session, sealer)
        await people.end_documents([each.id for each in (await people.get(agent)).documents], office.clock.now())
        await people.add_document(agent, held(Document(DocumentType.RIC, number), at=office.clock.now()))
    mandate = (await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"]
    refused = await ask(office, agent, "POST", f"/mandates/{mandate}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (403, "too-young-for-mandate")
    said = wanted(office, agent={"name": GRANTOR["name"], "phone": PHONES[0]})
    refused = await ask(office, agent, "POST", "/mandates", said)
    assert (refused.status_code, refused.json()["code"]) == (403, "too-young-for-mandate")
