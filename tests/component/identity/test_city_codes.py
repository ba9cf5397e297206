"""随申码 on a screen: issued to its holder, verified online by an admitted party, and every way to be refused."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.http.mesh_token import CallerFacts
from contracts.headers import MESH_TOKEN
from contracts.values import CityCodeId, CityCodeType, PartyId, PersonId, PresentedCode
from deploy.local.sandbox import population
from services.identity.repository.city_code_uses import forget_uses
from services.identity.tables import city_code_uses, organisations
from tests.component.identity.city_codes import Desk, keys_of
from tests.component.identity.office import Office
from tests.support.service import EVERYTHING

NAME = next(iter(population.PEOPLE.values()))["name"]


@pytest.fixture
async def desk(office: Office) -> Desk:
    desk = Desk(office)
    for scene in ("culture", "transport", "health", "domestic"):
        await desk.admit(scene)
    return desk


async def test_the_scenes_of_the_seed_texts_are_published_with_their_claims(desk: Desk) -> None:
    said = (await desk.office.browse("GET", "/city-code-scenes")).json()
    assert [each["zh"] for each in said] == ["健康", "交通", "文旅", "健身", "家政", "绿色", "拥军"]
    assert {each["code"]: each["mode"] for each in said}["transport"] == "gate"
    assert next(each for each in said if each["code"] == "transport")["claims"] == ["age_band"]


async def test_a_code_is_short_random_and_lives_a_minute(desk: Desk) -> None:
    holder = await desk.holder()
    answer = (await desk.of_subject("POST", "/city-codes", {"scene": "culture", "holder_key": "k" * 43}, person=holder)).json()
    says = PresentedCode.read(answer["code"]).says
    assert len(answer["code"]) <= 300
    assert (says.type, says.scene, says.life_s, says.holder_key) == (CityCodeType.PERSON, "culture", 60, "k" * 43)
    assert answer["refresh_in_s"] == 50
    assert holder.replace("-", "")[:8] not in answer["code"]
    again = PresentedCode.read(await desk.code(person=holder)).says
    assert (again.handle, again.id != says.id) == (says.handle, True)


async def test_the_verifier_gets_what_its_scene_may_see_and_no_more(desk: Desk) -> None:
    holder = await desk.holder()
    culture = (await desk.verify(await desk.code("culture", person=holder), "culture")).json()
    assert culture["subject_type"] == "person"
    assert culture["claims"].keys() == {"name_masked", "resident_id_masked", "age_band"}
    assert culture["claims"]["name_masked"] == {"value": f"{NAME[0]}{'*' * (len(NAME) - 2)}{NAME[-1]}", "assurance": 3}
    assert NAME not in str(culture)
    health = (await desk.verify(await desk.code("health", person=holder), "health")).json()
    assert health["claims"]["name"]["value"] == NAME
    assert health["claims"]["phone_masked"] == {"value": "138****0001", "assurance": 1}


async def test_a_verification_stands_in_the_holder_s_ledger_by_scene(desk: Desk) -> None:
    holder = await desk.holder()
    answer = (await desk.verify(await desk.code(person=holder))).json()
    disclosed = desk.office.door.disclosed[-1]
    assert (disclosed.subjects, disclosed.purpose) == ((holder,), "scene:culture")
    assert set(answer["claims"]) < set(disclosed.items)
    assert any(answer["reference"] in item for item in disclosed.items)


async def test_a_refused_verification_discloses_nothing(desk: Desk) -> None:
    code = await desk.code(person=await desk.holder())
    before = len(desk.office.door.disclosed)
    assert await desk.refusal(code, party=PartyId.new()) == (403, "city-code-verifier-not-admitted")
    assert len(desk.office.door.disclosed) == before


async def test_a_code_proves_its_holder_once(desk: Desk) -> None:
    other = PartyId.new()
    await desk.admit("culture", other)
    code = await desk.code(person=await desk.holder())
    assert (await desk.verify(code)).status_code == 200
    assert await desk.refusal(code) == (409, "city-code-used")
    assert await desk.refusal(code, party=other) == (409, "city-code-used")


async def test_of_twenty_at_once_exactly_one_is_first(desk: Desk) -> None:
    code = await desk.code(person=await desk.holder())
    answers = await asyncio.gather(*(desk.verify(code) for _ in range(20)))
    assert sorted(each.status_code for each in answers) == [200] + [409] * 19


async def test_a_second_signature_of_the_same_code_is_the_same_code(desk: Desk) -> None:
    holder = await desk.holder()
    handle = PresentedCode.read(await desk.code(person=holder)).says.handle
    first, second = desk.forged(handle), desk.forged(handle)
    assert first != second
    assert (await desk.verify(first)).status_code == 200
    assert await desk.refusal(second) == (409, "city-code-used")


async def test_a_gate_code_may_be_shown_again_while_it_lives_and_is_counted_for_each_gate(desk: Desk) -> None:
    other = PartyId.new()
    await desk.admit("transport", other)
    code = await desk.code("transport", person=await desk.holder())
    times = [(await desk.verify(code, "transport", party=party)).json()["times"] for party in (desk.verifier, desk.verifier, other)]
    assert times == [1, 2, 1]
    desk.office.clock.advance(timedelta(seconds=60))
    assert await desk.refusal(code, "transport") == (422, "city-code-expired")


async def test_a_gate_code_shown_twenty_times_at_once_is_counted_twenty_times(desk: Desk) -> None:
    code = await desk.code("transport", person=await desk.holder())
    answers = await asyncio.gather(*(desk.verify(code, "transport") for _ in range(20)))
    assert sorted(each.json()["times"] for each in answers) == list(range(1, 21))


async def test_a_code_for_one_scene_is_refused_in_another(desk: Desk) -> None:
    code = await desk.code("culture", person=await desk.holder())
    assert await desk.refusal(code, "transport") == (422, "city-code-other-scene")
    assert await desk.refusal(code, "nowhere") == (404, "city-code-scene-unknown")
    assert (await desk.verify(code)).status_code == 200


async def test_a_code_ends_with_its_minute_and_does_not_begin_before_it(desk: Desk) -> None:
    holder = await desk.holder()
    code = await desk.code(person=holder)
    handle, now = PresentedCode.read(code).says.handle, int(desk.office.clock.now().timestamp())
    assert (await desk.verify(desk.forged(handle, issued=now + 5, id=CityCodeId("B" * 16)))).status_code == 200
    assert await desk.refusal(desk.forged(handle, issued=now + 6)) == (422, "city-code-not-yet-valid")
    desk.office.clock.advance(timedelta(seconds=59))
    assert (await desk.verify(code)).status_code == 200
    desk.office.clock.advance(timedelta(seconds=1))
    assert await desk.refusal(code) == (422, "city-code-expired")


async def test_only_the_city_s_signature_over_these_words_is_believed(desk: Desk) -> None:
    holder = await desk.holder()
    code = await desk.code(person=holder)
    handle = PresentedCode.read(code).says.handle
    for wrong in (
        desk.forged(handle, by="another"),
        desk.forged(handle, kid="otherkid"),
        code.replace(".culture.", ".health."),
        code[:-3] + ("AAA" if code[-3:] != "AAA" else "BBB"),
        code + "A",
        " " + code,
        "",
        "TB1",
        "x" * 300,
    ):
        scene = "health" if ".health." in wrong else "culture"
        assert await desk.refusal(wrong, scene) in {(422, "city-code-not-genuine"), (422, "invalid-request")}
    assert await desk.refusal(desk.forged(handle, by="another")) == (422, "city-code-not-genuine")


async def test_a_party_is_admitted_to_a_scene_by_an_operator_or_by_its_kind(desk: Desk) -> None:
    holder, party = await desk.holder(), PartyId.new()
    assert await desk.refusal(await desk.code(person=holder), party=party) == (403, "city-code-verifier-not-admitted")
    await desk.admit("culture", party)
    assert (await desk.verify(await desk.code(person=holder), party=party)).status_code == 200
    listed = (await desk.of_officer("GET", "/city-code-scenes/culture/verifiers", kind="operator")).json()
    assert {each["party_id"]: each["admitted_by"] for each in listed}[party] == "qx-001"
    assert (await desk.of_officer("DELETE", f"/city-code-scenes/culture/verifiers/{party}", kind="operator")).status_code == 204
    assert await desk.refusal(await desk.code(person=holder), party=party) == (403, "city-code-verifier-not-admitted")
    assert (await desk.verify(await desk.code("veterans", person=holder), "veterans", party=party, kind="department")).status_code == 200
    assert await desk.refusal(await desk.code("veterans", person=holder), "veterans", party=party) == (
        403,
        "city-code-verifier-not-admitted",
    )


async def test_a_party_that_is_not_admitted_uses_nothing_up(desk: Desk) -> None:
    code = await desk.code(person=await desk.holder())
    assert await desk.refusal(code, party=PartyId.new()) == (403, "city-code-verifier-not-admitted")
    assert await desk.count(city_code_uses) == 0
    assert (await desk.verify(code)).status_code == 200


async def test_codes_made_before_the_handle_was_replaced_are_nobody_s(desk: Desk) -> None:
    holder = await desk.holder()
    before = await desk.code(person=holder)
    assert (await desk.of_subject("POST", "/city-codes/handle", person=holder)).status_code == 200
    assert await desk.refusal(before) == (409, "city-code-revoked")
    after = await desk.code(person=holder)
    assert PresentedCode.read(after).says.handle != PresentedCode.read(before).says.handle
    assert (await desk.verify(after)).status_code == 200


async def test_one_person_has_one_handle_however_many_ask_first_at_once(desk: Desk) -> None:
    holder = await desk.holder()
    codes = await asyncio.gather(*(desk.code(person=holder) for _ in range(10)))
    assert len({PresentedCode.read(code).says.handle for code in codes}) == 1


async def test_the_first_code_needs_a_real_person(desk: Desk) -> None:
    holder = await desk.holder(assurance=2)
    answer = await desk.of_subject("POST", "/city-codes", {"scene": "culture"}, person=holder)
    assert (answer.status_code, answer.json()["code"]) == (403, "city-code-assurance-too-low")
    low = await desk.of_subject("POST", "/city-codes", {"scene": "culture"}, person=holder, assurance=2)
    assert (low.status_code, low.json()["code"]) == (403, "forbidden")
    unknown = await desk.of_subject("POST", "/city-codes", {"scene": "culture"}, person=PersonId.new())
    assert unknown.status_code == 404


async def test_an_enterprise_has_its_code_where_the_scene_knows_any(desk: Desk) -> None:
    representative = await desk.holder()
    company = await desk.company(representative)
    answer = await desk.verify(await desk.code("domestic", organisation=company, actor=representative), "domestic")
    assert (answer.json()["subject_type"], answer.json()["claims"]["credit_code"]) == (
        "organisation",
        {"value": "91350100M000100Y43", "assurance": 4},
    )
    assert desk.office.door.disclosed[-1].organisations == (company,)
    refused = await desk.of_subject("POST", "/city-codes", {"scene": "health"}, organisation=company, actor=representative)
    assert (refused.status_code, refused.json()["code"]) == (422, "city-code-not-for-subject")


async def test_the_code_of_an_organisation_ends_with_it(desk: Desk) -> None:
    representative = await desk.holder()
    company = await desk.company(representative)
    code = await desk.code("domestic", organisation=company, actor=representative)
    await desk.write(sa.update(organisations).values(status="closed"))
    assert await desk.refusal(code, "domestic") == (409, "city-code-revoked")
    answer = await desk.of_subject("POST", "/city-codes", {"scene": "domestic"}, organisation=company, actor=representative)
    assert answer.status_code == 404


async def test_nobody_shows_the_code_of_another_person_nor_a_company_s_for_some_matters(desk: Desk) -> None:
    holder, helper = await desk.holder(0), await desk.holder(1)
    company = await desk.company(helper)
    for subject in (
        {"person": holder, "actor": helper},
        {"organisation": company, "actor": holder, "mandate_matters": ("310100000000",)},
    ):
        for path, said in (("/city-codes", {"scene": "domestic"}), ("/city-codes/handle", None)):
            answer = await desk.of_subject("POST", path, said, **subject)
            assert (answer.status_code, answer.json()["code"]) == (403, "city-code-not-by-mandate")


async def test_uses_are_forgotten_after_the_life_of_their_codes(desk: Desk) -> None:
    holder = await desk.holder()
    assert (await desk.verify(await desk.code(person=holder))).status_code == 200
    desk.office.clock.advance(timedelta(seconds=61))
    assert (await desk.verify(await desk.code(person=holder))).status_code == 200
    async with desk.office.database.transaction() as session:
        assert await forget_uses(session, desk.office.clock.now()) == 1
    assert await desk.count(city_code_uses) == 1


async def test_the_keys_that_sign_codes_are_published_and_are_not_those_of_tokens(desk: Desk) -> None:
    [key] = (await desk.office.browse("GET", "/city-codes/keys")).json()["keys"]
    assert (key["kid"], key["alg"], "d" in key) == (keys_of().kid, "ES256", False)
    assert key["x"] != keys_of("signing").key_set()["keys"][0]["x"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code=st.text() | st.text("TBPE1.-_abcAZ09", max_size=320) | st.none() | st.integers(), scene=st.sampled_from(["culture", "Ä", ""]))
async def test_whatever_is_scanned_is_refused_by_name(office: Office, code: object, scene: str) -> None:
    status, _ = await Desk(office).refusal(code, scene)
    assert status in {400, 422}


async def test_the_light_route_refuses_whatever_others_do(desk: Desk) -> None:
    door, path = desk.office.door, "/city-codes/verifications"
    known = CallerFacts("gateway", desk.verifier, "app", permissions=EVERYTHING)
    body = b'{"code": "x", "scene": "culture"}'

    async def refused(
        facts: CallerFacts = known, content: bytes = body, media_type: str = "application/json", **headers: str
    ) -> tuple[int, str]:
        answer = await door.call("POST", path, facts=facts, content=content, media_type=media_type, headers=headers)
        return answer.status_code, answer.json()["code"]

    assert await refused() == (422, "city-code-not-genuine")
    assert await refused(media_type="text/plain") == (415, "unsupported-media-type")
    assert await refused(content=b"{") == (400, "malformed-body")
    assert await refused(content=b'{"code": "x", "code": "y", "scene": "culture"}') == (400, "malformed-body")
    assert await refused(content=b"[]") == (422, "invalid-request")
    assert await refused(content=b'{"code": 1, "scene": "culture"}') == (422, "invalid-request")
    assert await refused(content=b'{"code": "x", "scene": "culture", "more": 1}') == (422, "invalid-request")
    assert await refused(replace(known, permissions=frozenset())) == (403, "forbidden")
    assert await refused(replace(known, issuer="catalogue")) == (403, "forbidden")
    assert await refused(**{MESH_TOKEN: "x"}) == (401, "not-authenticated")
    answer = await door.call("POST", path, facts=known, json={"code": "x"})
    assert answer.json()["errors"] == [{"field": "body.scene", "rule": "missing", "message": "Field required", "zh": "必填"}]
